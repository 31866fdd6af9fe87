/**
 * Why a request to tRPC is refused before it is read, or null. Browsers say where a request comes from
 * (`Sec-Fetch-Site`, `Origin`); a page of another site can't hide it, nor send JSON without being asked first.
 */
export function crossSiteProblem(request: Request, publicUrl: string): string | null {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return 'Requests of other sites are refused.';
  const origin = request.headers.get('origin');
  if (origin !== null && origin !== new URL(publicUrl).origin) return 'Requests of other origins are refused.';
  if (request.method === 'GET') return null;
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return type === 'application/json' ? null : 'Send application/json.';
}
