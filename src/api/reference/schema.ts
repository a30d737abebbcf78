import type { Schema } from './description.ts'
import { type Html, html } from './html.ts'

/** What a value may be, in a few words. */
export function formatType(schema: Schema): Html {
  const { $ref, anyOf, enum: words, type, items, format } = schema
  if ($ref !== undefined) {
    const name = $ref.slice($ref.lastIndexOf('/') + 1)
    return html`<a href="#schema-${name}">${name}</a>`
  }
  if (anyOf !== undefined) return joined(anyOf.map(formatType))
  if (words !== undefined) return joined(words.map((word) => html`<code>${String(word)}</code>`))
  if (type === 'array') return html`list of ${items === undefined ? 'anything' : formatType(items)}`
  return html`${[type ?? 'anything'].flat().join(' or ')}${format && ` (${format})`}`
}

/** The members of an object, those of inner ones below them. */
export function formatMembers(schema: Schema): Html | undefined {
  const rows = rowsOf(schema)
  if (rows.length === 0) return undefined
  return html`<table><tbody>${rows.map(
    ({ name, schema: member, required }) =>
      html`<tr><td><code>${name}</code>${required && html` <b title="required">*</b>`}</td><td>${formatType(member)}${formatLimits(member)}</td><td>${member.description}</td></tr>`,
  )}</tbody></table>`
}

interface Row {
  readonly name: string
  readonly schema: Schema
  readonly required: boolean
}

function rowsOf(schema: Schema, path = ''): Row[] {
  if (schema.items !== undefined) return rowsOf(schema.items, `${path}[]`)
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((one) => rowsOf(one, path))
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const place = path === '' ? name : `${path}.${name}`
    return [
      { name: place, schema: member, required: schema.required?.includes(name) ?? false },
      ...rowsOf(member, place),
    ]
  })
}

function formatLimits({
  minimum,
  maximum,
  maxLength,
  maxItems,
  default: fallback,
  writeOnly,
}: Schema): string {
  const limits = [
    minimum === undefined ? '' : `from ${minimum}`,
    maximum === undefined ? '' : `to ${maximum}`,
    maxLength === undefined ? '' : `${maxLength} characters at most`,
    maxItems === undefined ? '' : `${maxItems} at most`,
    fallback === undefined ? '' : `${String(fallback)} unless given`,
    writeOnly ? 'never given back' : '',
  ].filter((limit) => limit !== '')
  return limits.length === 0 ? '' : `, ${limits.join(', ')}`
}

function joined(parts: readonly Html[]): Html {
  return html`${parts.flatMap((part, index) => (index === 0 ? [part] : [' or ', part]))}`
}
