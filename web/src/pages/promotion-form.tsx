import { SegmentedControl, Switch } from '@mantine/core'
import type { IntegrationView } from '#api/wire'
import { ChoiceField, SecretField, TextField } from '../parts/field.tsx'
import type { FormState } from '../parts/form.tsx'
import { type ImageView, Route } from '../parts/place.tsx'
import { NewIntegration } from './integration-form.tsx'
import styles from './promotion-form.module.css'
import { type ImageValues, type PromotionValues, promotionBody } from './promotion-values.ts'
import { kindOf, REGISTRIES } from './registries.ts'

export const PROMOTION_FIELDS = [
  'name',
  'same_location',
  ...['src', 'dest'].flatMap((side) =>
    ['docker_registry', 'image', 'tag', 'integration', 'registry', 'region', 'login', 'password'].map(
      (field) => `${side}.${field}`,
    ),
  ),
]

/** From where to where, with the fields that the chosen registries ask for. */
export function PromotionFields<V extends PromotionValues>({
  form,
  workspace,
  integrations,
}: {
  readonly form: FormState<V>
  readonly workspace: string
  readonly integrations: readonly IntegrationView[]
}) {
  const { same, src, dest } = form.values
  const shown = promotionBody(form.values)
  return (
    <>
      <div className={styles.sides}>
        <fieldset className={styles.side}>
          <legend>From</legend>
          <ImageFields form={form} side="src" workspace={workspace} integrations={integrations} />
        </fieldset>
        <fieldset className={styles.side}>
          <legend>To</legend>
          <SegmentedControl
            size="xs"
            fullWidth
            value={same ? 'same' : 'other'}
            aria-label="Where to"
            data={[
              { value: 'same', label: 'Same place, another tag' },
              { value: 'other', label: 'Another place' },
            ]}
            onChange={(value) => form.change((before) => ({ ...before, same: value === 'same' }))}
          />
          {same ? (
            <TextField
              form={side(form, 'dest')}
              name="tag"
              field="dest.tag"
              label="Tag"
              placeholder="production"
              required
              mono
            />
          ) : (
            <ImageFields form={form} side="dest" workspace={workspace} integrations={integrations} />
          )}
        </fieldset>
      </div>
      {src.image !== '' && (same ? dest.tag !== '' : dest.image !== '') && (
        <p className={styles.preview}>
          <Route src={shown.src as ImageView} dest={shown.dest as ImageView} same={same} />
        </p>
      )}
    </>
  )
}

function ImageFields<V extends PromotionValues>({
  form: whole,
  side: name,
  workspace,
  integrations,
}: {
  readonly form: FormState<V>
  readonly side: 'src' | 'dest'
  readonly workspace: string
  readonly integrations: readonly IntegrationView[]
}) {
  const form = side(whole, name)
  const { docker_registry, integration, create_repository } = form.values
  const kind = kindOf(docker_registry)
  const fitting = integrations.filter(({ type }) => kind.integrations.includes(type))
  return (
    <>
      <ChoiceField
        form={form}
        name="docker_registry"
        field={`${name}.docker_registry`}
        label="Registry"
        choices={REGISTRIES}
      />
      {kind.registry !== undefined && (
        <TextField
          form={form}
          name="registry"
          field={`${name}.registry`}
          label={kind.registry.label}
          placeholder={kind.registry.placeholder}
          required={kind.registry.needed}
          mono
        />
      )}
      {kind.region && (
        <TextField
          form={form}
          name="region"
          field={`${name}.region`}
          label="Region"
          placeholder="eu-west-1"
          mono
        />
      )}
      {kind.integration !== 'none' && (
        <div className={styles.integration}>
          <ChoiceField
            form={form}
            name="integration"
            field={`${name}.integration`}
            label="Integration"
            placeholder={fitting.length === 0 ? 'None for this registry yet' : 'Whose credentials'}
            required={kind.integration === 'needed'}
            clear={kind.integration === 'possible'}
            choices={fitting.map(({ identifier, name: label }) => ({
              value: identifier,
              label: label === identifier ? label : `${label} (${identifier})`,
            }))}
          />
          <NewIntegration
            workspace={workspace}
            types={kind.integrations}
            then={({ identifier }) => form.set('integration', identifier)}
          />
        </div>
      )}
      {kind.login && integration === '' && (
        <div className={styles.pair}>
          <TextField form={form} name="login" field={`${name}.login`} label="User name" />
          <SecretField form={form} name="password" field={`${name}.password`} label="Password" />
        </div>
      )}
      <div className={styles.image}>
        <TextField
          form={form}
          name="image"
          field={`${name}.image`}
          label="Image"
          placeholder={kind.image}
          required
          mono
        />
        <TextField
          form={form}
          name="tag"
          field={`${name}.tag`}
          label="Tag"
          placeholder={name === 'src' ? 'latest' : 'as the source'}
          mono
        />
      </div>
      {name === 'dest' && docker_registry === 'AMAZON_ECR' && (
        <Switch
          label="Make the repository when it is missing"
          checked={create_repository}
          onChange={({ currentTarget }) => form.set('create_repository', currentTarget.checked)}
        />
      )}
    </>
  )
}

/** The part of the form that is one side's. */
function side<V extends PromotionValues>(form: FormState<V>, name: 'src' | 'dest'): FormState<ImageValues> {
  const change = (update: (values: ImageValues) => ImageValues): void =>
    form.change((before) => ({ ...before, [name]: update(before[name]) }))
  return {
    ...form,
    values: form.values[name],
    change,
    set: (field, value) => change((before) => ({ ...before, [field]: value })),
  }
}
