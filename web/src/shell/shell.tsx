import { ActionIcon, Drawer } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Outlet, useLocation } from '@tanstack/react-router'
import { type MouseEvent, useEffect, useState } from 'react'
import { session } from '../data/session.ts'
import { SignIn } from '../pages/sign-in.tsx'
import { Answer } from '../parts/answer.tsx'
import { Icon } from '../parts/icon.tsx'
import { Logo } from './logo.tsx'
import { Navigation } from './navigation.tsx'
import styles from './shell.module.css'

/** What stands around every page. Whoever is not signed in gets the way in instead, at the same address. */
export function Shell() {
  const who = useQuery(session)
  return (
    <Answer of={who}>
      {(signedIn) => (signedIn === null ? <SignIn /> : <SignedIn name={signedIn.name} />)}
    </Answer>
  )
}

function SignedIn({ name }: { readonly name: string }) {
  const [open, setOpen] = useState(false)
  const { pathname } = useLocation()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page closes the drawer
  useEffect(() => setOpen(false), [pathname])
  return (
    <div className={styles.shell}>
      {/* biome-ignore lint/a11y/useValidAnchor: it does lead to a place in the page */}
      <a className={styles.skip} href="#main" onClick={skip}>
        Skip to the content
      </a>
      <div className={styles.bar}>
        <ActionIcon onClick={() => setOpen(true)} aria-label="Open the navigation" size={36}>
          <Icon name="menu" size={20} />
        </ActionIcon>
        <Logo />
      </div>
      <aside className={styles.side}>
        <Navigation person={name} />
      </aside>
      <Drawer opened={open} onClose={() => setOpen(false)} size={260} withCloseButton={false} padding={0}>
        <div className={styles.drawer}>
          <Navigation person={name} />
        </div>
      </Drawer>
      <main id="main" className={styles.main} tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  )
}

/** By hand: the page's <base> would lead elsewhere. */
function skip(event: MouseEvent): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}
