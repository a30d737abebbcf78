import { ModelError, type Store } from '#model'
import { Interrupted } from './failure.ts'

/**
 * The store as a run sees it: one that cannot be asked interrupts the run, which goes on when it can be; of the action it says nothing. What
 * the model's rules have to say stays as it is.
 */
export function interruptible(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'transaction') return transactionOf(target)
      return interruptibly(Reflect.get(target, name))
    },
  })
}

function interruptibly(keeper: object): object {
  return new Proxy(keeper, {
    get(target, name) {
      const method = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...given: unknown[]) => {
        const answer = Reflect.apply(method, target, given)
        return answer instanceof Promise ? answer.catch(interrupt) : answer
      }
    },
  })
}

function transactionOf(store: Store): Store['transaction'] {
  return async (work) => {
    let own: unknown
    const watched = async (within: Store) => {
      try {
        return await work(interruptible(within))
      } catch (error) {
        own = error
        throw error
      }
    }
    return store
      .transaction(watched)
      .catch((error) => (error === own ? Promise.reject(error) : interrupt(error)))
  }
}

function interrupt(error: unknown): never {
  throw error instanceof ModelError || error instanceof Interrupted ? error : new Interrupted('store', error)
}
