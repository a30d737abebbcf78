import type { ImageName } from './image.ts'

/** What at most may be needed, as a share of what another tool needs in the same rounds. Requests may be a number of their own. */
export interface Goal {
  readonly wall?: number
  readonly cpu?: number
  readonly peakMiB?: number
  readonly requestShare?: number
  readonly requests?: number
}

/** One thing to do, again and again, by each tool in turn. */
export interface Case {
  readonly name: string
  readonly image: ImageName
  /** What is at the target before: nothing, or the very same. */
  readonly before: 'empty' | 'done'
  /** `retag`: within the source. `all tags`: the whole repository. `with referrers`: what is about the image comes along. */
  readonly errand?: 'retag' | 'all tags' | 'with referrers'
  /** The target throws blobs away, so that the client alone is measured. */
  readonly sink?: true
  /** Both sides wait so long before every answer. */
  readonly delayMs?: number
  readonly tls?: true
  readonly runs?: number
  /** It takes so long that no round is spent on warming up. */
  readonly long?: true
  readonly toSkopeo: Goal
  readonly toCrane: Goal
  /** What of this is another number for the single file. */
  readonly singleToCrane?: Goal
  /** What the profile says where a goal is missed: written by hand when it was looked at. */
  readonly dominates?: string
}

/** What dominates where nothing is moved. */
const START =
  'The start alone: of 0.1 s of CPU 0.04 s is an empty Node, and most of the rest loads its own modules for sockets and hashing. crane, a compiled program, is there in 0.02 s. The single file is there in 0.03 s.'

/** In the order of the page. */
export const CASES: readonly Case[] = [
  {
    name: '1 GiB layer, target that only counts',
    image: 'big',
    before: 'empty',
    sink: true,
    long: true,
    runs: 3,
    toSkopeo: { wall: 0.33, cpu: 0.27, peakMiB: 70, requestShare: 0.58 },
    toCrane: { wall: 0.45, cpu: 0.4, requestShare: 0.67 },
    dominates: `Of Tagboat's CPU time 38 % is SHA-256, with the processor's own instructions for it, and 37 % is the kernel that copies the bytes from one socket and to the other; starting takes 6 %. So what is left to gain is little. The bounds to crane were set when crane was built with Go 1.19, which hashes in software and took 5 s of CPU for this; the crane here hashes with the same instructions.`,
  },
  {
    name: '1 GiB layer',
    image: 'big',
    before: 'empty',
    long: true,
    runs: 3,
    toSkopeo: { wall: 0.78, cpu: 0.3, peakMiB: 70, requestShare: 0.58 },
    toCrane: { requestShare: 0.67 },
    dominates: `As with the target that only counts: 38 % of the CPU time is SHA-256, 37 % the kernel's copying. The wall time is docker-registry's, which hashes what it is sent.`,
  },
  {
    name: '8 layers, 250 MiB',
    image: 'typical',
    before: 'empty',
    toSkopeo: { wall: 0.72, cpu: 0.42, peakMiB: 80, requestShare: 0.55 },
    toCrane: { wall: 0.8, cpu: 0.45, requestShare: 0.67 },
    dominates: `A fifth of a gibibyte: 26 % of the CPU time is SHA-256, 32 % the kernel, and a sixth (0.1 s) is Node's start, which a copy of this size feels. The crane that the bounds were set against hashed in software.`,
  },
  {
    name: '8 layers, 250 MiB, over TLS',
    image: 'typical',
    before: 'empty',
    tls: true,
    toSkopeo: { wall: 0.78, cpu: 0.62, peakMiB: 80, requestShare: 0.55 },
    toCrane: { requestShare: 0.67 },
    dominates: `The kernel is 21 % of the CPU time, AES-GCM, once to decrypt and once to encrypt, and SHA-256 12 % each, what else OpenSSL does 8 %, memory moved between its buffers and ours 7 %. 13 % is JavaScript, since TLS is handed over in records of 16 KiB: 16,000 of them. Garbage collection on other threads is 8 %, and a part of the start is reading the system's authorities, which come along with TAGBOAT_CA_FILE and take 10 MiB.`,
  },
  {
    name: '60 layers of 1 MiB',
    image: 'many',
    before: 'empty',
    toSkopeo: { wall: 0.5, cpu: 0.36, peakMiB: 80, requestShare: 0.51 },
    toCrane: { wall: 0.75, cpu: 0.6, requestShare: 0.67 },
    dominates: `Half of the CPU time is JavaScript that runs too seldom to be compiled: a millisecond a request, and the start of 0.1 s. 22 % is the kernel, 15 % are compilers and garbage collection on other threads, 7 % is SHA-256. Memory is Node's own 41 MiB and sixteen layers at once.`,
  },
  {
    name: '6 platforms with attestations',
    image: 'index',
    before: 'empty',
    toSkopeo: { wall: 0.45, cpu: 0.38, peakMiB: 75, requestShare: 0.56 },
    toCrane: { wall: 0.75, cpu: 0.6, requestShare: 0.67 },
    dominates: `As with 60 layers: JavaScript that is not compiled yet is half of the CPU time, the start a quarter of it; SHA-256 of these 42 MB is not seen any more.`,
  },
  {
    name: '6 platforms, 20 ms before every answer',
    image: 'index',
    before: 'empty',
    delayMs: 20,
    toSkopeo: { wall: 0.12, peakMiB: 90 },
    toCrane: { requestShare: 0.67 },
    dominates: `Waiting, by count and not by profile: index, manifests, blobs asked for and begun, blobs sent, manifests, index, read-back are one after the other, and sixteen blobs go at once, so that the 38 of this image take three rounds of 40 ms. The start is 0.1 s.`,
  },
  {
    name: '60 layers, 20 ms before every answer',
    image: 'many',
    before: 'empty',
    delayMs: 20,
    toSkopeo: { wall: 0.25, peakMiB: 90 },
    toCrane: { requestShare: 0.67 },
    dominates: `Waiting, by count and not by profile: each blob takes two answers one after the other, 40 ms, and sixteen go at once, so that 61 take four rounds. The start is 0.1 s. More at once (TAGBOAT_REGISTRY_CONCURRENCY) is quicker here, and more than registries like to be asked.`,
  },
  {
    name: '200 tags',
    image: 'tags',
    before: 'empty',
    errand: 'all tags',
    long: true,
    runs: 3,
    toSkopeo: { wall: 0.15, cpu: 0.1, peakMiB: 75, requestShare: 0.3 },
    toCrane: { requestShare: 0.67 },
    dominates: `Two thirds of the CPU time are JavaScript, spread over all of it: no function has more than 3 %. 13 % is the kernel, 17 % are compilers and garbage collection on other threads. The wall time is mostly docker-registry's, which is asked to put and to show every tag. crane does not read its tags back.`,
  },
  {
    name: '4 layers with signature, SBOM and attestation',
    image: 'signed',
    before: 'empty',
    errand: 'with referrers',
    toSkopeo: {},
    toCrane: {},
  },
  {
    name: 'nothing to do, 60 layers',
    image: 'many',
    before: 'done',
    runs: 15,
    toSkopeo: { wall: 0.27, cpu: 0.5, peakMiB: 60, requests: 2 },
    toCrane: { wall: 4.5 },
    singleToCrane: { wall: 2.5 },
    dominates: START,
  },
  {
    name: 'nothing to do, 6 platforms',
    image: 'index',
    before: 'done',
    runs: 15,
    toSkopeo: { wall: 0.27, cpu: 0.5, peakMiB: 60, requests: 2 },
    toCrane: { wall: 4.5 },
    singleToCrane: { wall: 2.5 },
    dominates: START,
  },
  {
    name: 'another tag in the same repository',
    image: 'index',
    before: 'empty',
    errand: 'retag',
    runs: 15,
    toSkopeo: {},
    toCrane: { wall: 4.5 },
    singleToCrane: { wall: 2.5 },
    dominates: START,
  },
]
