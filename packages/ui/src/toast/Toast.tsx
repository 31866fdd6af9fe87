'use client';
import { Toast } from 'radix-ui';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { IconButton } from '../controls/Button.tsx';
import css from './toast.module.css';

export interface ToastMessage {
  readonly title: string;
  readonly detail?: string;
}

type Notify = (message: ToastMessage) => void;
const ToastContext = createContext<Notify>(() => undefined);

/** Says something happened; goes away by itself after six seconds, stays while hovered or focused. */
export function useToast(): Notify {
  return useContext(ToastContext);
}

/** Holds the messages; once per page. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [messages, setMessages] = useState<readonly (ToastMessage & { readonly key: number })[]>([]);
  const notify = useCallback<Notify>((message) => {
    setMessages((current) => [...current.slice(-2), { ...message, key: (current.at(-1)?.key ?? 0) + 1 }]);
  }, []);
  const remove = (key: number) => setMessages((current) => current.filter((message) => message.key !== key));
  return (
    <ToastContext value={notify}>
      <Toast.Provider duration={6_000} label="Message">
        {children}
        {messages.map((message) => (
          <Toast.Root key={message.key} className={css.toast} onOpenChange={(isOpen) => !isOpen && remove(message.key)}>
            <div className={css.text}>
              <Toast.Title>{message.title}</Toast.Title>
              {message.detail && <Toast.Description className={css.detail}>{message.detail}</Toast.Description>}
            </div>
            <Toast.Close asChild>
              <IconButton icon="close" label="Dismiss" />
            </Toast.Close>
          </Toast.Root>
        ))}
        <Toast.Viewport className={css.viewport} />
      </Toast.Provider>
    </ToastContext>
  );
}
