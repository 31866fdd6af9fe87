import type { DemoPerson } from './people.ts';

/** Text as HTML. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--line:#d9dce1;--text:#1a1d21;--faint:#5c6370;--hover:#f2f4f7;--focus:#2f6fed}
@media (prefers-color-scheme:dark){:root{--bg:#131518;--line:#2c3036;--text:#e8eaed;--faint:#9aa1ab;--hover:#1d2025;--focus:#6ea0ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100dvh;display:grid;place-items:center;padding:24px;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main{width:min(420px,100%)}
h1{font-size:20px;line-height:1.3;margin:0 0 4px;font-weight:600}
p{margin:0 0 16px;color:var(--faint)}
ul{list-style:none;margin:0;padding:0;display:grid;gap:8px}
button{width:100%;min-height:44px;padding:10px 14px;display:flex;justify-content:space-between;gap:12px;align-items:center;text-align:left;background:none;border:1px solid var(--line);border-radius:6px;color:inherit;font:inherit;cursor:pointer}
button:hover{background:var(--hover)}
button:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
small{color:var(--faint);font-size:13px}
`;

export function page(title: string, body: string, nonce: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><link rel="icon" href="/icon.svg" type="image/svg+xml">
<style nonce="${escapeHtml(nonce)}">${STYLE}</style></head>
<body><main>${body}</main></body></html>`;
}

/** The list of people: one click signs in. */
export function loginPage(people: readonly DemoPerson[], action: string, nonce: string): string {
  const rows = people.map(
    ({ subject, name, title }) =>
      `<li><button name="person" value="${escapeHtml(subject)}"><span>${escapeHtml(name)}</span> <small>${escapeHtml(title)}</small></button></li>`,
  );
  const body = `<h1>Sign in as</h1>
<p>Demo people of this installation. This page is reachable from this machine only.</p>
<form method="post" action="${escapeHtml(action)}"><ul>${rows.join('')}</ul></form>`;
  return page('Sign in · EBAP demo', body, nonce);
}

/** Submits the provider's own form at once; with a button where scripts are off. */
export function signOutPage(form: string, nonce: string): string {
  const body = `<h1>Signing out</h1>${form}
<noscript><p><button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button></p></noscript>
<script nonce="${escapeHtml(nonce)}">
const form = document.getElementById('op.logoutForm');
form.insertAdjacentHTML('beforeend', '<input type="hidden" name="logout" value="yes">');
form.submit();
</script>`;
  return page('Signing out · EBAP demo', body, nonce);
}

export function faultPage(title: string, detail: string, nonce: string): string {
  const body = `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(detail)}</p><p><a href="/">Start again</a></p>`;
  return page(`${title} · EBAP demo`, body, nonce);
}
