import { Link } from '@tanstack/react-router'
import { Fragment, type ReactNode } from 'react'
import styles from './crumbs.module.css'

/** The way from the workspace to here. */
export function Crumbs({
  workspace,
  project,
  pipeline,
}: {
  readonly workspace: string
  readonly project?: string
  readonly pipeline?: { readonly id: string; readonly name: string }
}) {
  const steps: [string, ReactNode][] = [
    [
      workspace,
      <Link key="w" to="/$workspace" params={{ workspace }}>
        {workspace}
      </Link>,
    ],
  ]
  if (project !== undefined)
    steps.push([
      project,
      <Link key="p" to="/$workspace/$project" params={{ workspace, project }}>
        {project}
      </Link>,
    ])
  if (project !== undefined && pipeline !== undefined)
    steps.push([
      pipeline.id,
      <Link
        key="l"
        to="/$workspace/$project/pipelines/pipeline/$pipeline"
        params={{ workspace, project, pipeline: pipeline.id }}
      >
        {pipeline.name}
      </Link>,
    ])
  return (
    <ol className={styles.crumbs}>
      {steps.map(([key, link], index) => (
        <Fragment key={key}>
          {index > 0 && <li aria-hidden="true">/</li>}
          <li>{link}</li>
        </Fragment>
      ))}
    </ol>
  )
}
