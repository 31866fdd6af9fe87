/** The demo people, by role, as the sign-in page names them. */
export const PEOPLE = {
  devops: 'Dana Okafor',
  productManager: 'Priya Raman',
  dataAnalyst: 'Anton Weiss',
  customerSupport: 'Sofia Marin',
  admin: 'Ada Lindqvist',
  /** Their group is not mapped to a role. */
  visitor: 'Noor Haddad',
} as const;

export type Person = (typeof PEOPLE)[keyof typeof PEOPLE];
