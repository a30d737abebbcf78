const PATHS = {
  add: 'M8 3.5v9M3.5 8h9',
  approval: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM5.5 8.2l1.8 1.8 3.3-3.6',
  back: 'M9.5 4 5.5 8l4 4',
  board: 'M2.5 3.5h11v9h-11zM6.2 3.5v9M9.9 3.5v9M2.5 6.5h11',
  check: 'm3.5 8.5 3 3 6-7',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3.2l2 1.3',
  code: 'm5.5 5-3 3 3 3M10.5 5l3 3-3 3',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  cross: 'm4 4 8 8M12 4l-8 8',
  down: 'm4.5 6.5 3.5 3.5 3.5-3.5',
  edit: 'm3 13 .6-2.7L10.8 3l2.2 2.2-7.3 7.2zM9.5 4.3l2.2 2.2',
  history: 'M2.5 8a5.5 5.5 0 1 0 1.7-4L2.5 5.6M2.5 2.8v2.8h2.8M8 5v3.2l2.2 1.3',
  key: 'M9.7 8.9a3.4 3.4 0 1 0-2.6-2.6L2.5 10.9v2.6h2.6v-1.7h1.7v-1.7zM10.9 5.1h0',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  minus: 'M4 8h8',
  moon: 'M13.2 9.6A5.5 5.5 0 0 1 6.4 2.8a5.5 5.5 0 1 0 6.8 6.8z',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  out: 'M9.5 11v2.5h-7v-11h7V5M6.5 8h7M11 5.5 13.5 8 11 10.5',
  people:
    'M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M11 3a2.3 2.3 0 0 1 0 4.4M12 9.8c1.6.5 2.5 1.8 2.5 3.7',
  pause: 'M6 4v8M10 4v8',
  person: 'M8 7.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM3 13.8c0-2.7 2.2-4.2 5-4.2s5 1.5 5 4.2',
  pipeline: 'M2.5 8h2M11.5 8h2M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM4.5 8H6M10 8h1.5',
  play: 'M5 3.2v9.6l7.5-4.8z',
  plug: 'M6 2v3.5M10 2v3.5M4.5 5.5h7V8a3.5 3.5 0 0 1-7 0zM8 11.5V14',
  retry: 'M13.5 8a5.5 5.5 0 1 1-1.7-4l1.7 1.6M13.5 2.8v2.8h-2.8',
  right: 'm6.5 4.5 3.5 3.5-3.5 3.5',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.2 3.2',
  stop: 'M4.5 4.5h7v7h-7z',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9',
  system: 'M2.5 3h11v7.5h-11zM6 13.5h4M8 10.5v3',
  tag: 'M2.5 2.5h5l6 6-5 5-6-6zM5.3 5.3h0',
  trash: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 9h5.8l.6-9',
  up: 'm4.5 9.5 3.5-3.5 3.5 3.5',
  warning: 'M8 2.5 14 13H2zM8 6.5v3M8 11.3h0',
  webhook:
    'M8 2.5a3 3 0 0 1 2.6 4.5l2 3.5M8 5.5 5 11.2M5 11.2a2.5 2.5 0 1 0 .6 1.6h5.2M12.7 10.5a2.2 2.2 0 1 1-2 3.2',
} as const

export type IconName = keyof typeof PATHS

/** Decoration beside words; where it stands alone, whoever shows it says what it means. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
