import { useQuery } from '@tanstack/react-query'

/** What a code means, from the same page that people read in the documentation. Loaded when something failed. */
export function useMeaning(code: string | null): string | undefined {
  const { data } = useQuery({
    queryKey: ['meanings'],
    queryFn: async () => parseCodes((await import('../../../docs/errors.md?raw')).default),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: code !== null,
  })
  return code === null ? undefined : data?.get(code)
}

/** The rows of its tables: `| \`CODE\` | meaning |`. */
function parseCodes(page: string): ReadonlyMap<string, string> {
  const rows = page.matchAll(/^\| `([A-Z_]+)` \| (.+?) \|$/gm)
  // Some codes mean something else further down, where the API itself says no: what promotions say comes first.
  return new Map([...rows].reverse().map(([, code = '', meaning = '']) => [code, meaning]))
}
