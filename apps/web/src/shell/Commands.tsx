'use client';
import { CommandPalette, type PaletteCommand } from '@ebap/ui';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';

interface CommandRegistry {
  readonly open: () => void;
  readonly offer: (commands: readonly PaletteCommand[]) => () => void;
}

const CommandContext = createContext<CommandRegistry>({ open: () => undefined, offer: () => () => undefined });

/** Offers commands to the palette while the component is on the page. Keep the array stable. */
export function useCommands(commands: readonly PaletteCommand[]): void {
  const { offer } = useContext(CommandContext);
  useEffect(() => offer(commands), [offer, commands]);
}

/** Opens the palette. */
export function useOpenPalette(): () => void {
  return useContext(CommandContext).open;
}

/** Holds the palette and what pages offer to it. */
export function CommandProvider({ children }: { readonly children: ReactNode }) {
  const [isOpen, setIsOpen] = useState(false);
  const [offers, setOffers] = useState<readonly (readonly PaletteCommand[])[]>([]);
  const offer = useCallback((commands: readonly PaletteCommand[]) => {
    setOffers((current) => [...current, commands]);
    return () => setOffers((current) => current.filter((one) => one !== commands));
  }, []);
  const open = useCallback(() => setIsOpen(true), []);
  const registry = useMemo(() => ({ open, offer }), [open, offer]);
  return (
    <CommandContext value={registry}>
      {children}
      <CommandPalette isOpen={isOpen} onOpenChange={setIsOpen} commands={offers.flat()} />
    </CommandContext>
  );
}
