/** The mark: four bars, the last one still open, as every newest window is. */
export function Logo({ size = 20 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false" style={{ flex: 'none' }}>
      <rect x="1.5" y="10" width="3.2" height="8" rx="1" fill="var(--text-1)" />
      <rect x="6.3" y="5" width="3.2" height="13" rx="1" fill="var(--text-1)" />
      <rect x="11.1" y="2" width="3.2" height="16" rx="1" fill="var(--accent)" />
      <rect x="16.4" y="7.5" width="2.2" height="10" rx="1" fill="none" stroke="var(--accent)" strokeWidth="1.1" />
    </svg>
  );
}
