'use client';
import { type ReactNode, useEffect, useState } from 'react';
import { createPortal } from 'react-dom';
import css from './shell.module.css';

/** A page's own bar, under the top bar and as sticky as it. */
export function PageBar({ children }: { readonly children: ReactNode }) {
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  useEffect(() => setSlot(document.getElementById('page-bar')), []);
  return slot ? createPortal(<div className={css.second}>{children}</div>, slot) : null;
}
