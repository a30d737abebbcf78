import { readFile } from 'node:fs/promises'

/**
 * When the process started, in the system's own count; undefined when there is no such process, or only what is left of it until its parent
 * takes notice: a process that outlived its parent may wait long for that.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
    // The name in parentheses may hold spaces: the fields are counted from behind it. The start is the 22nd.
    const [state, ...fields] = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? []
    return state === undefined || state === 'Z' ? undefined : fields[18]
  }
  try {
    process.kill(pid, 0)
    return 'unknown'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'unknown' : undefined
  }
}
