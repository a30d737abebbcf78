/** Other processes that speak to the same registries, for whoever has a way to talk to them. */
export interface Peers {
  /** Tells them that this origin asked to be left alone for so long. Waits for nobody, and never fails. */
  tellPause(origin: string, ms: number): void
  /** Calls `heard` with what one of them tells. */
  onPause(heard: (origin: string, ms: number) => void): void
  /**
   * Resolves when none of them is at what goes by this name, with the function that lets them at it. One that has died, or sleeps, is not waited
   * for long; where there is no telling, nobody is: what is done twice is done in vain, and does no harm.
   * @throws when the signal fires
   */
  alone(name: string, signal?: AbortSignal): Promise<() => void>
}
