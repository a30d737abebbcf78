import { createHash } from 'node:crypto'
import {
  type ActionExecution,
  advance,
  type Execution,
  fillIn,
  type ImageDefinition,
  ModelError,
  type PromotionDefinition,
  wholeVariable,
} from '#model'
import type { Side } from '#promotion'
import { type ImageField, isFixed, locatePromotion, placeOf } from './locate.ts'
import { draftPromotion, type ImageDraft, isOpen, settlePromotion } from './settle.ts'
import { bound, fill, type VariableView, variablesOf } from './variables.ts'

const SIDES: Readonly<Record<ImageField, Side>> = { src: 'source', dest: 'target' }

/**
 * The promotion with its variables filled in, every rule checked again. In a user name and a password a variable counts as the whole of it
 * alone: there are both with a `$` in them.
 * @throws ActionError VARIABLE_UNDEFINED; ModelError INVALID with the field, also when what was passed to the run would send a password to
 * another registry than its own
 */
export function resolvePromotion(definition: PromotionDefinition, view: VariableView): PromotionDefinition {
  const settled = placed(definition, view)
  const { source, target } = settled
  return {
    ...settled,
    source: withCredentials(source, definition.source, 'src', view),
    target: withCredentials(target, definition.target, 'dest', view),
  }
}

/** What stands for the tag that a promotion will move, as far as that is known beforehand: there may be a secret in it. */
export function aimOf(execution: Execution, action: ActionExecution): string | undefined {
  if (action.action.type !== 'promote-image' || action.action.disabled) return undefined
  try {
    const { target } = locatePromotion(placed(action.action.promotion, variablesOf(execution, action)))
    return createHash('sha256').update(placeOf(target)).digest('base64url')
  } catch {
    // It will fail by itself, and say why, before any registry is asked.
    return undefined
  }
}

/** The execution, each of its promotions that is still to come with the tag that it will move. */
export function aimed(execution: Execution): Execution {
  const open = execution.actions.filter(({ status }) => status === 'initial')
  return advance(execution, {
    kind: 'aimed',
    aims: new Map(open.map((action) => [action.id, aimOf(execution, action)])),
  })
}

function placed(definition: PromotionDefinition, view: VariableView): PromotionDefinition {
  if (!isOpen(definition.source) && !isOpen(definition.target)) return definition
  const draft = draftPromotion(definition)
  const { source, target } = draft
  return settlePromotion({
    ...draft,
    source: filled(source, 'src', view),
    target: filled(target, 'dest', view),
  })
}

function filled(draft: ImageDraft, side: ImageField, view: VariableView): ImageDraft {
  const text = (name: 'image' | 'registry' | 'tag' | 'region' | 'integration'): string | undefined => {
    const value = draft[name]
    return value === undefined ? undefined : fill(value, view, `${side}.${name}`, SIDES[side])
  }
  return {
    ...draft,
    image: text('image'),
    registry: text('registry'),
    tag: text('tag'),
    region: text('region'),
    integration: text('integration'),
  }
}

function withCredentials(
  image: ImageDefinition,
  given: ImageDefinition,
  side: ImageField,
  view: VariableView,
): ImageDefinition {
  const { username, password } = image
  const user = username === undefined ? undefined : wholeVariable(username)
  const pass = password === undefined ? undefined : wholeVariable(password.reveal())
  const secret = pass === undefined ? undefined : bound(view, pass, `${side}.password`, SIDES[side])
  if (password !== undefined && secret?.scope !== 'run') checkHost(given, side, view)
  return {
    ...image,
    username:
      user === undefined ? username : bound(view, user, `${side}.username`, SIDES[side]).value.reveal(),
    password: secret === undefined ? password : secret.value,
  }
}

/** Whoever runs a pipeline may say much, but not to which registry the passwords of those who made it go. */
function checkHost({ kind, registry, image }: ImageDefinition, side: ImageField, view: VariableView): void {
  if (isFixed(kind)) return
  // Where the registry is not said, the image's text begins with it.
  const host = registry ?? image.slice(0, `${image}/`.indexOf('/'))
  fillIn(host, (key) => {
    if (view.find(key)?.scope !== 'run') return ''
    const field = `${side}.password`
    throw new ModelError('INVALID', `${field}: is not for a registry that is passed to a run`, { field })
  })
}
