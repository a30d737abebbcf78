import type { Digest } from '#oci'
import type { Plan, Progress, Receipt } from '#promotion'

/** What a promotion came to so far, also when it ends half-way. Bytes of blobs. */
export class Tally {
  digest: Digest | undefined
  bytes: Receipt['bytes'] = { sent: 0, mounted: 0, present: 0 }
  companions = 0

  planned(plan: Plan): void {
    this.digest = plan.done ? (plan.previous ?? plan.digest) : plan.digest
    this.bytes = { ...this.bytes, present: plan.bytes.present }
  }

  saw(progress: Progress): void {
    if (progress.kind === 'bytes') this.bytes = { ...this.bytes, sent: progress.sent }
    else if (progress.kind === 'moved' && progress.as === 'mounted' && 'blob' in progress.move) {
      this.bytes = { ...this.bytes, mounted: this.bytes.mounted + progress.move.blob.size }
    }
  }

  done({ bytes, digest, companions }: Receipt): void {
    this.companions = companions
    this.digest = digest
    this.bytes = bytes
  }
}
