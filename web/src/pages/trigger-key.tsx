import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { PipelineView, TriggerKeyView } from '#api/wire'
import { call } from '../data/call.ts'
import { AsCurl, Code } from '../parts/code.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Icon } from '../parts/icon.tsx'
import { Section } from '../parts/page.tsx'
import styles from './trigger-key.module.css'

/** The URLs that start a pipeline, for those that it listens to. They hold its key, which is shown once, when it is made. */
export function TriggerKey({ of: { events }, path }: { readonly of: PipelineView; readonly path: string }) {
  const url = `${path}/trigger-key`
  const make = useMutation({ mutationFn: () => call<TriggerKeyView>('POST', url) })
  const webhooks = events.filter(({ type }) => type === 'WEBHOOK')
  const pushes = events.filter(({ type }) => type === 'PUSH_IMAGE')
  if (webhooks.length + pushes.length === 0) return null
  const { data } = make
  const shown: readonly (readonly [string, string])[] =
    data === undefined
      ? []
      : [
          ...(webhooks.length > 0 ? [['Runs the pipeline', data.webhook_url] as const] : []),
          ...(webhooks.some(({ totp }) => totp)
            ? [['For an authenticator app, once', data.totp_url] as const]
            : []),
          ...(pushes.length > 0
            ? [['For the registry, to tell of pushes', data.registry_webhook_url] as const]
            : []),
          ...(pushes.some(({ signed }) => signed)
            ? [['The secret that the registry signs with', data.secret] as const]
            : []),
        ]
  return (
    <Section title="URLs" actions={<AsCurl method="POST" path={url} />}>
      <p className="dim">
        {data === undefined
          ? 'Whoever has a URL can start the pipeline: a key in it says so. A new key ends the one before.'
          : 'Copy them now: they are not shown again.'}
      </p>
      {make.error !== null && <p role="alert">{make.error.message}</p>}
      {shown.length > 0 && (
        <dl className={styles.shown}>
          {shown.map(([label, text]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <Code>{text}</Code>
              </dd>
            </div>
          ))}
        </dl>
      )}
      <div className={styles.do}>
        <Button leftSection={<Icon name="key" />} loading={make.isPending} onClick={() => make.mutate()}>
          Make the URLs
        </Button>
        <Confirm
          title="End the URLs?"
          submit="End them"
          opener={(open) => (
            <Button variant="subtle" color="gray" onClick={open}>
              End those that there are
            </Button>
          )}
          act={() => call('DELETE', url)}
          then={make.reset}
        >
          None of them starts the pipeline any more, until there are new ones.
        </Confirm>
      </div>
    </Section>
  )
}
