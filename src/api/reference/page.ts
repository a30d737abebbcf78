import type { Content, Description, Operation } from './description.ts'
import { Html, html } from './html.ts'
import { formatMembers, formatType } from './schema.ts'
import { STYLE } from './style.ts'

export { STYLE }

interface Place {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

/**
 * The description as a page for people. It needs nothing but itself: no script, nothing from elsewhere, and the one style that its
 * `Content-Security-Policy` names by its hash.
 */
export function formatPage({ info, paths, components }: Description): string {
  const places = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )
  const tags = Map.groupBy(places, ({ operation }) => operation.tags[0] ?? '')
  const schemas = Object.entries(components.schemas)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} API</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<nav aria-label="Operations">${[...tags].map(
    ([tag, those]) =>
      html`<p><a href="#tag-${tag}">${tag}</a></p><ul>${those.map(({ operation }) => html`<li><a href="#${operation.operationId}">${operation.operationId}</a></li>`)}</ul>`,
  )}<p><a href="#schemas">Schemas</a></p></nav>
<main>
<h1>${info.title} API ${info.version}</h1>
<p>${info.description}</p>
<p>Everything is at the base of the service and under <code>/api</code> alike. Requests carry <code>Authorization: Bearer TOKEN</code>.
For programs, the same in <a href="openapi.json">openapi.json</a>.</p>
${[...tags].map(([tag, those]) => html`<h2 id="tag-${tag}">${tag}</h2>\n${those.map(formatOperation)}`)}
<h2 id="schemas">Schemas</h2>
${schemas.map(
  ([name, schema]) =>
    html`<details><summary>${name}</summary><div id="schema-${name}"><p>${schema.description}</p>${formatMembers(schema)}</div></details>\n`,
)}</main>
</body>
</html>
`.text
}

function formatOperation({ method, path, operation }: Place): Html {
  const { operationId, summary, security, parameters = [], requestBody, responses } = operation
  const said = parameters.map(
    ({ name, in: where, schema, description, example }) =>
      html`<tr><td><code>${name}</code></td><td>${where}, ${formatType(schema)}${example !== undefined && html`, such as <code>${example}</code>`}</td><td>${description}</td></tr>`,
  )
  return html`<details><summary><b>${method}</b> <code>${path}</code><br>${summary}</summary><div id="${operationId}">
${security?.length === 0 && html`<p>Nobody is asked for a token.</p>`}
${said.length > 0 && html`<h3>Parameters</h3><table><tbody>${said}</tbody></table>`}
${requestBody && html`<h3>Request</h3>${formatContent(requestBody)}`}
${Object.entries(responses).map(([status, response]) => html`<h3>${status} ${response.description}</h3>${formatContent(response)}`)}
</div></details>
`
}

function formatContent({ content = {} }: Content): Html {
  return html`${Object.entries(content).map(
    ([mediaType, { schema, example }]) =>
      html`<p><code>${mediaType}</code>${schema && html`: ${formatType(schema)}`}</p>${schema && formatMembers(schema)}${
        example !== undefined &&
        html`<h4>Example</h4><pre tabindex="0">${typeof example === 'string' ? example : JSON.stringify(example, null, 2)}</pre>`
      }`,
  )}`
}
