import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core'
import { Icon, type IconName } from '../parts/icon.tsx'

const SCHEMES: readonly (readonly [MantineColorScheme, string, IconName])[] = [
  ['auto', 'As the system', 'system'],
  ['light', 'Light', 'sun'],
  ['dark', 'Dark', 'moon'],
]

/** Light or dark; unless somebody chooses, as the system has it. */
export function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const [, words, icon] = SCHEMES.find(([scheme]) => scheme === colorScheme) ??
    SCHEMES[0] ?? ['', '', 'system']
  return (
    <Menu position="top-end" width={170}>
      <Menu.Target>
        <ActionIcon aria-label={`Colours: ${words}`}>
          <Icon name={icon as IconName} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {SCHEMES.map(([scheme, label, each]) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon name={each} />}
            rightSection={scheme === colorScheme ? <Icon name="check" /> : null}
            onClick={() => setColorScheme(scheme)}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
