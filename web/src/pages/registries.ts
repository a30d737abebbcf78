/** What a form asks of each kind of registry: what is needed when is Buddy's rule, and the API's. */
export interface RegistryKind {
  readonly value: string
  readonly label: string
  /** Which integrations hold its credentials. */
  readonly integrations: readonly string[]
  readonly integration: 'needed' | 'possible' | 'none'
  /** The field for its host, and what to write there. */
  readonly registry?: { readonly label: string; readonly placeholder: string; readonly needed: boolean }
  readonly region?: boolean
  /** Whether user name and password can stand in the action itself. */
  readonly login?: boolean
  readonly image: string
}

export const REGISTRIES: readonly RegistryKind[] = [
  {
    value: 'DOCKER_HUB',
    label: 'Docker Hub',
    integrations: ['DOCKER_HUB'],
    integration: 'needed',
    image: 'acme/shop',
  },
  {
    value: 'GIT_HUB_CONTAINER_REGISTRY',
    label: 'GitHub Container Registry',
    integrations: ['GIT_HUB'],
    integration: 'needed',
    image: 'acme/shop',
  },
  {
    value: 'AMAZON_ECR',
    label: 'Amazon ECR',
    integrations: ['AMAZON'],
    integration: 'needed',
    region: true,
    registry: {
      label: 'Registry',
      placeholder: '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
      needed: false,
    },
    image: 'shop',
  },
  {
    value: 'GOOGLE_ARTIFACT_REGISTRY',
    label: 'Google Artifact Registry',
    integrations: ['GOOGLE_SERVICE_ACCOUNT'],
    integration: 'needed',
    registry: { label: 'Regional host', placeholder: 'europe-west1-docker.pkg.dev', needed: true },
    image: 'project/repository/shop',
  },
  {
    value: 'GOOGLE_GCR',
    label: 'Google Container Registry',
    integrations: ['GOOGLE_SERVICE_ACCOUNT'],
    integration: 'needed',
    registry: { label: 'Host', placeholder: 'gcr.io', needed: false },
    image: 'project/shop',
  },
  {
    value: 'DIGITAL_OCEAN_CONTAINER_REGISTRY',
    label: 'DigitalOcean',
    integrations: ['DIGITAL_OCEAN'],
    integration: 'needed',
    image: 'acme/shop',
  },
  {
    value: 'OTHER',
    label: 'Another registry',
    integrations: ['GIT_LAB', 'AZURE_CLOUD', 'DIGITAL_OCEAN', 'GIT_HUB', 'DOCKER_HUB'],
    integration: 'possible',
    registry: { label: 'Address', placeholder: 'registry.example.com', needed: true },
    login: true,
    image: 'team/shop',
  },
]

/** What a registry of this kind wants to be told; one that the list does not know is asked everything. */
export function kindOf(value: string): RegistryKind {
  return (
    REGISTRIES.find((kind) => kind.value === value) ?? {
      value,
      label: value,
      integrations: [],
      integration: 'possible',
      registry: { label: 'Registry', placeholder: 'registry.example.com', needed: false },
      login: true,
      image: 'team/shop',
    }
  )
}
