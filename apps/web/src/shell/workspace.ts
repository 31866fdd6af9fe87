/** Cookie that says which of the person's workspaces is open; the server checks membership on every request. */
export const WORKSPACE_COOKIE = 'ebap-workspace';
const ONE_YEAR_S = 31_536_000;

/** Opens another workspace from the start: nothing of the one before may stay on the page. */
export function switchWorkspace(id: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser we serve
  document.cookie = `${WORKSPACE_COOKIE}=${encodeURIComponent(id)}; path=/; max-age=${ONE_YEAR_S}; samesite=lax`;
  window.location.assign('/live');
}
