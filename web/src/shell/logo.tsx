import { Link } from '@tanstack/react-router'
import styles from './logo.module.css'

/** The name, which leads home. */
export function Logo() {
  return (
    <Link to="/" className={styles.logo}>
      <Boat />
      Tagboat
    </Link>
  )
}

export function Boat({ size = 20 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" fill="none" aria-hidden="true">
      <path d="M2 12.5h16l-2 4a2 2 0 0 1-1.8 1.1H5.8A2 2 0 0 1 4 16.5z" fill="currentColor" />
      <path d="M6.5 10.5v-7a1 1 0 0 1 1.4-.9l7.2 3a1 1 0 0 1 0 1.8l-5.6 2.4v.7z" fill="var(--blue)" />
    </svg>
  )
}
