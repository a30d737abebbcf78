import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { ApiError, call, pathOf } from '../data/call.ts'
import { refresh, thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Diff } from '../parts/diff.tsx'
import { Editor } from '../parts/editor.tsx'
import { Form, useForm } from '../parts/form.tsx'
import { Section } from '../parts/page.tsx'
import { PipelinePage } from './pipeline-page.tsx'
import { ProjectPage } from './project.tsx'
import styles from './yaml.module.css'

const ofPipeline = getRouteApi('/$workspace/$project/pipelines/pipeline/$pipeline/yaml')
const ofProject = getRouteApi('/$workspace/$project/pipelines/yaml')
const PAUSE_MS = 500

/** One pipeline as text: to read, to copy, and to change. */
export function PipelineYaml() {
  const params = ofPipeline.useParams()
  return (
    <PipelinePage params={params}>{(_, path) => <Yaml path={`${path}/yaml`} method="PATCH" />}</PipelinePage>
  )
}

/** The same of all pipelines of a project. */
export function ProjectYaml() {
  const { workspace, project } = ofProject.useParams()
  const path = `${pathOf('workspaces', workspace, 'projects', project, 'pipelines')}/yaml`
  return (
    <ProjectPage workspace={workspace} project={project} actions={<AsCurl path={path} />}>
      <Yaml path={path} method="POST" />
    </ProjectPage>
  )
}

interface YamlProps {
  readonly path: string
  /** How it is applied. */
  readonly method: 'PATCH' | 'POST'
}

function Yaml(props: YamlProps) {
  const query = useQuery({ ...thing<{ yaml: string }>(props.path), staleTime: Number.POSITIVE_INFINITY })
  const [applied, setApplied] = useState(false)
  return (
    <Answer of={query}>
      {({ yaml }) => (
        <Text
          key={yaml}
          {...props}
          before={decodeText(yaml)}
          applied={applied}
          then={() => setApplied(true)}
        />
      )}
    </Answer>
  )
}

interface TextProps extends YamlProps {
  readonly before: string
  /** Whether it is what was applied last. */
  readonly applied: boolean
  readonly then: () => void
}

/** The text, what is wrong with it, and what it would change: asked for while it is typed. */
function Text({ path, method, before, applied, then }: TextProps) {
  const editor = useRef<HTMLTextAreaElement>(null)
  const form = useForm(
    { text: before },
    ({ text }) => call(method, path, { yaml: encodeText(text) }),
    () => {
      then()
      void refresh(path.replace(/\/(?:pipelines\/yaml|\d+\/yaml)$/, ''))
    },
  )
  const { text } = form.values
  const [typed] = useDebouncedValue(text, PAUSE_MS)
  const trial = useQuery({
    queryKey: ['yaml', path, typed] as const,
    queryFn: ({ signal }) =>
      call<{ changed: boolean; diff: string }>(
        'POST',
        `${path}/dry_run`,
        { yaml: encodeText(typed) },
        signal,
      ),
    enabled: typed !== before,
    placeholderData: keepPreviousData,
    retry: false,
  })
  const problems = typed === before || !(trial.error instanceof ApiError) ? [] : trial.error.errors
  return (
    <Form
      of={form}
      fields={['yaml']}
      submit="Apply"
      beside={<AsCurl method={method} path={path} body={{ yaml: '…' }} />}
    >
      {applied && text === before && <p role="status">Applied: this is how it is now.</p>}
      <Editor
        ref={editor}
        label="buddy.yml"
        value={text}
        marks={problems.flatMap(({ line }) => line ?? [])}
        onChange={(value) => form.set('text', value)}
      />
      {problems.length > 0 && (
        <ul className={styles.problems} aria-label="What is wrong with it">
          {problems.map(({ message, line = 1, column = 1 }) => (
            <li key={message}>
              <button type="button" onClick={() => goTo(editor.current, line, column)}>
                {message}
              </button>
            </li>
          ))}
        </ul>
      )}
      {typed !== before && trial.data !== undefined && problems.length === 0 && (
        <Section title={trial.data.changed ? 'What it would change' : 'It would change nothing'}>
          {trial.data.changed && <Diff of={trial.data.diff} />}
        </Section>
      )}
    </Form>
  )
}

/** Puts the cursor where something is wrong. */
function goTo(editor: HTMLTextAreaElement | null, line: number, column: number): void {
  if (editor === null) return
  const lines = editor.value.split('\n').slice(0, line - 1)
  const at = lines.reduce((sum, each) => sum + each.length + 1, 0) + column - 1
  editor.focus()
  editor.setSelectionRange(at, at)
}

function encodeText(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''))
}

function decodeText(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)))
}
