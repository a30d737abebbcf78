import { ActionIcon, Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import type { WebhookView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { refresh, thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl, Code } from '../parts/code.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Crumbs } from '../parts/crumbs.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Empty } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { endCell, nameCell, Table } from '../parts/table.tsx'
import { When } from '../parts/when.tsx'
import { eventWords, WebhookForm } from './webhook-form.tsx'

const route = getRouteApi('/$workspace/-/webhooks')

/** Who is told when something happened, and how that went. */
export function Webhooks() {
  const { workspace } = route.useParams()
  const path = pathOf('workspaces', workspace, 'webhooks')
  const list = useQuery(thing<{ webhooks: WebhookView[] }>(path))
  const [signing, setSigning] = useState<string>()
  const add = (
    <Dialog
      title="New webhook"
      wide
      opener={(open) => (
        <Button variant="filled" leftSection={<Icon name="add" />} onClick={open}>
          New webhook
        </Button>
      )}
    >
      {(close) => (
        <WebhookForm
          workspace={workspace}
          then={(made) => {
            close()
            setSigning(made.signing_secret)
          }}
        />
      )}
    </Dialog>
  )
  return (
    <Page
      title="Webhooks"
      above={<Crumbs workspace={workspace} />}
      actions={
        <>
          <AsCurl path={path} />
          {list.data?.webhooks.length !== 0 && add}
        </>
      }
    >
      {signing !== undefined && (
        <div>
          <p>Its deliveries are signed with this. Copy it now: it is not shown again.</p>
          <Code>{signing}</Code>
        </div>
      )}
      <Answer of={list}>
        {({ webhooks }) =>
          webhooks.length === 0 ? (
            <Empty title="No webhook yet" action={add}>
              A webhook tells another service when a run starts, succeeds or fails.
            </Empty>
          ) : (
            <Table label="Webhooks" heads={['To', 'When', 'Projects', 'Last delivery', '']}>
              {webhooks.map((webhook) => (
                <Row key={webhook.id} workspace={workspace} webhook={webhook} />
              ))}
            </Table>
          )
        }
      </Answer>
    </Page>
  )
}

function Row({ workspace, webhook }: { readonly workspace: string; readonly webhook: WebhookView }) {
  const { id, target_url, events, projects, requests } = webhook
  const above = pathOf('workspaces', workspace, 'webhooks')
  const last = requests[0]
  return (
    <tr>
      <td className={nameCell}>
        <span className="mono">{target_url}</span>
      </td>
      <td className="dim">{events.map(eventWords).join(', ')}</td>
      <td className="dim">{projects.join(', ') || 'all'}</td>
      <td>
        {last === undefined ? (
          <span className="dim">none yet</span>
        ) : (
          <Dialog
            title={`Deliveries to ${target_url}`}
            wide
            opener={(open) => (
              <Button size="compact-xs" onClick={open}>
                {statusWords(last.response_status)}, <When at={last.post_date} />
              </Button>
            )}
          >
            {() => <Deliveries of={requests} />}
          </Dialog>
        )}
      </td>
      <td className={endCell}>
        <Dialog
          title="Edit the webhook"
          wide
          opener={(open) => (
            <ActionIcon aria-label={`Edit ${target_url}`} onClick={open}>
              <Icon name="edit" />
            </ActionIcon>
          )}
        >
          {(close) => <WebhookForm workspace={workspace} before={webhook} then={close} />}
        </Dialog>
        <Confirm
          title="Remove the webhook?"
          submit="Remove it"
          opener={(open) => (
            <ActionIcon aria-label={`Remove ${target_url}`} onClick={open}>
              <Icon name="trash" />
            </ActionIcon>
          )}
          act={() => call('DELETE', `${above}/${id}`)}
          then={() => void refresh(above)}
        >
          {target_url} is not told any more.
        </Confirm>
      </td>
    </tr>
  )
}

function Deliveries({ of }: { readonly of: WebhookView['requests'] }) {
  return (
    <ol style={{ display: 'grid', gap: 12 }}>
      {of.map(({ post_date, response_status, body }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two may have been sent in one moment
        <li key={index}>
          <details open={index === 0}>
            <summary>
              {statusWords(response_status)}, <When at={post_date} />
            </summary>
            <Code>{pretty(body)}</Code>
          </details>
        </li>
      ))}
    </ol>
  )
}

function statusWords(status: string): string {
  return status === '0' ? 'No answer' : `Answered ${status}`
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
