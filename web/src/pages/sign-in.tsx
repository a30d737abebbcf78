import { useEffect } from 'react'
import { signIn } from '../data/session.ts'
import { SecretField } from '../parts/field.tsx'
import { Form, useForm } from '../parts/form.tsx'
import { Boat } from '../shell/logo.tsx'
import styles from './sign-in.module.css'

/** The way in: an access token, once. */
export function SignIn() {
  const form = useForm(
    { token: '' },
    ({ token }) => signIn(token),
    () => {},
  )
  useEffect(() => {
    document.title = 'Sign in · Tagboat'
  }, [])
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <Boat size={32} />
        <h1>Sign in to Tagboat</h1>
        <Form of={form} fields={['token']} submit="Sign in">
          <SecretField form={form} name="token" label="Access token" focus />
        </Form>
        <p className="dim">
          The service printed the owner's token when it first started. Beside it,{' '}
          <code>tagboat token create NAME</code> makes another.
        </p>
      </div>
    </main>
  )
}
