'use client';
import { Button, Icon, Menu, type MenuEntry, VisuallyHidden } from '@ebap/ui';
import { useRegions } from './hooks.ts';
import css from './live.module.css';
import { regionLabel, regionWords } from './words.ts';

/** The page's region filter. */
export function RegionPicker(props: {
  readonly region: string | null;
  readonly onChange: (region: string | null) => void;
}) {
  const { region, onChange } = props;
  const { view } = useRegions();
  const rows = view?.regions.rows ?? [];
  const current = rows.find((row) => row.code === region);
  const entries: MenuEntry[] = [
    { kind: 'choice', label: 'All regions', isChosen: region === null, onSelect: () => onChange(null) },
    { kind: 'separator' },
    ...[...rows]
      .sort((a, b) => a.code.localeCompare(b.code))
      .map(
        (row): MenuEntry => ({
          kind: 'choice',
          label: regionWords(row).code,
          hint: regionWords(row).place ?? undefined,
          isChosen: row.code === region,
          onSelect: () => onChange(row.code),
        }),
      ),
  ];
  return (
    <Menu
      align="start"
      entries={entries}
      trigger={
        <Button size="small" className={css.regionPicker}>
          <VisuallyHidden>Region: </VisuallyHidden>
          {region ? (current ? regionLabel(current) : region) : 'All regions'}
          <Icon name="chevronDown" size={12} />
        </Button>
      }
    />
  );
}
