'use client';
import { Button } from '@ebap/ui';
import { signIn, signOut } from 'next-auth/react';
import { useState } from 'react';

/** The identity provider's id in next-auth's addresses; the server's options carry the same. */
const PROVIDER = 'oidc';

/** Starts the OpenID Connect code flow. */
export function SignInButton({ returnTo }: { readonly returnTo: string }) {
  const [isLeaving, setIsLeaving] = useState(false);
  const start = () => {
    setIsLeaving(true);
    void signIn(PROVIDER, { callbackUrl: returnTo }).finally(() => setIsLeaving(false));
  };
  return (
    <Button variant="primary" size="large" icon="login" disabled={isLeaving} onClick={start}>
      {isLeaving ? 'Opening sign-in…' : 'Sign in with your organisation'}
    </Button>
  );
}

/** Ends the session here. */
export function SignOutButton() {
  return (
    <Button icon="logout" onClick={() => void signOut({ callbackUrl: '/signin?reason=signed_out' })}>
      Sign out
    </Button>
  );
}
