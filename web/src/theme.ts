import {
  type ButtonProps,
  type CSSVariablesResolver,
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
} from '@mantine/core'

// Mantine mixes its greys from these; base.css has the same.
const gray = tuple('#f7f8f9 #f1f3f5 #e4e7eb #cfd4db #b5bcc6 #8d96a3 #69727f #565e6b #333a45 #1b1f26')
const dark = tuple('#e7e9ec #c9ced6 #a3abb6 #6b7480 #3a414b #2a3038 #1b1f25 #14171b #0f1215 #0b0d10')

function tuple(shades: string): MantineColorsTuple {
  return shades.split(' ') as unknown as MantineColorsTuple
}

// What is pressed to do something, and what is pressed to undo it for ever.
const FILLED = {
  ink: { '--button-color': 'var(--on-ink)' },
  red: { '--button-bg': 'var(--red)', '--button-hover': 'var(--red)', '--button-color': 'var(--surface)' },
}

export const theme = createTheme({
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  colors: { gray, dark },
  defaultRadius: 6,
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '18px' },
  lineHeights: { md: '20px' },
  cursorType: 'pointer',
  components: {
    Button: {
      defaultProps: { size: 'xs', variant: 'default' },
      vars: (_: unknown, { variant, color }: ButtonProps) => ({
        root: variant === 'filled' ? FILLED[color === 'red' ? 'red' : 'ink'] : {},
      }),
    },
    Checkbox: { defaultProps: { iconColor: 'var(--on-ink)' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right', allowDeselect: false } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45 } } },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: false } },
  },
})

const OURS = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-bright': 'var(--text)',
  '--mantine-color-dimmed': 'var(--dim)',
  '--mantine-color-placeholder': 'var(--faint)',
  '--mantine-color-error': 'var(--red)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-disabled': 'var(--sunken)',
  '--mantine-color-disabled-color': 'var(--faint)',
  '--mantine-color-disabled-border': 'var(--line)',
  '--mantine-color-anchor': 'var(--blue)',
  '--mantine-color-blue-filled': 'var(--ink)',
  '--mantine-color-blue-filled-hover': 'var(--ink-hover)',
  '--mantine-primary-color-filled': 'var(--ink)',
  '--mantine-primary-color-filled-hover': 'var(--ink-hover)',
  '--mantine-primary-color-contrast': 'var(--on-ink)',
}

/** Mantine's parts in the colours of base.css, which know both schemes by themselves. */
export const variables: CSSVariablesResolver = () => ({ variables: {}, light: OURS, dark: OURS })

/** The same place that scheme.js reads before anything is drawn. */
export const schemeManager = localStorageColorSchemeManager({ key: 'tagboat-scheme' })
