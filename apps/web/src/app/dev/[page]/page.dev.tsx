import { ROLES } from '@ebap/pipeline/access';
import { FixtureApp } from '../../../features/live/fixtures/FixtureApp.tsx';

/** Only in `next dev`: the `dev.tsx` extension is no page extension of a build. */
export default async function DevPage(props: {
  readonly params: Promise<{ page: string }>;
  readonly searchParams: Promise<Record<string, string | undefined>>;
}) {
  const { page } = await props.params;
  const search = await props.searchParams;
  const role = ROLES.find((one) => one === search.role) ?? 'admin';
  return <FixtureApp page={page} role={role} mode={search.mode ?? 'ok'} />;
}
