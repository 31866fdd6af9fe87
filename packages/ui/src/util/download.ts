/** Saves a file on the person's device. */
export function downloadBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  // The click has started the download by the next task; the object URL is no longer needed then.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}

/** `Events by platform` → `events-by-platform`. */
export function fileStem(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
