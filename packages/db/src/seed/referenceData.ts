/** What every installation starts with. Rows a person changed later are never written over. */

/** People start in the workspace that is the oldest of theirs. */
export const SEED_WORKSPACES = [
  { id: 'meridian', name: 'Meridian', currency: 'EUR', zone: 'Europe/Berlin', created_at: '2026-01-05T09:00:00Z' },
  { id: 'acme', name: 'Acme', currency: 'USD', zone: 'America/New_York', created_at: '2026-02-02T14:00:00Z' },
] as const;

/** Capacity in events per second: what `system.load` is a percentage of. */
export const SEED_REGIONS = [
  { code: 'us-east-1', name: 'Virginia', lat: 38.9, lng: -77.5, capacity: 1_000 },
  { code: 'us-west-2', name: 'Oregon', lat: 45.8, lng: -119.7, capacity: 600 },
  { code: 'us-east-2', name: 'Ohio', lat: 40, lng: -83, capacity: 400 },
  { code: 'ca-central-1', name: 'Montréal', lat: 45.5, lng: -73.6, capacity: 200 },
  { code: 'sa-east-1', name: 'São Paulo', lat: -23.5, lng: -46.6, capacity: 250 },
  { code: 'eu-west-1', name: 'Ireland', lat: 53.3, lng: -6.3, capacity: 500 },
  { code: 'eu-west-2', name: 'London', lat: 51.5, lng: -0.1, capacity: 500 },
  { code: 'eu-central-1', name: 'Frankfurt', lat: 50.1, lng: 8.7, capacity: 600 },
  { code: 'eu-north-1', name: 'Stockholm', lat: 59.3, lng: 18, capacity: 150 },
  { code: 'me-central-1', name: 'UAE', lat: 25, lng: 55, capacity: 150 },
  { code: 'af-south-1', name: 'Cape Town', lat: -33.9, lng: 18.4, capacity: 100 },
  { code: 'ap-south-1', name: 'Mumbai', lat: 19, lng: 72.9, capacity: 300 },
  { code: 'ap-southeast-1', name: 'Singapore', lat: 1.3, lng: 103.8, capacity: 250 },
  { code: 'ap-southeast-2', name: 'Sydney', lat: -33.9, lng: 151.2, capacity: 150 },
  { code: 'ap-northeast-1', name: 'Tokyo', lat: 35.7, lng: 139.7, capacity: 300 },
] as const;

/** Price of one unit in EUR, as decimal text. */
export const SEED_RATES = [
  { currency: 'EUR', rate: '1' },
  { currency: 'USD', rate: '0.92' },
  { currency: 'GBP', rate: '1.17' },
  { currency: 'JPY', rate: '0.0061' },
  { currency: 'INR', rate: '0.011' },
  { currency: 'BRL', rate: '0.17' },
  { currency: 'SGD', rate: '0.68' },
  { currency: 'AUD', rate: '0.6' },
  { currency: 'AED', rate: '0.25' },
  { currency: 'ZAR', rate: '0.05' },
  { currency: 'SEK', rate: '0.088' },
  { currency: 'CAD', rate: '0.67' },
  { currency: 'CHF', rate: '1.05' },
] as const;

/** Names of Segment's e-commerce specification, and the plain action names themselves. */
export const SEED_ACTION_MAPPINGS = [
  { sourceName: 'Order Completed', action: 'purchase' },
  { sourceName: 'Purchase', action: 'purchase' },
  { sourceName: 'Product Added', action: 'cart' },
  { sourceName: 'Added to Cart', action: 'cart' },
  { sourceName: 'Cart Viewed', action: 'view' },
  { sourceName: 'Product Viewed', action: 'view' },
  { sourceName: 'Viewed Product', action: 'view' },
  { sourceName: 'Product List Viewed', action: 'view' },
  { sourceName: 'Page Viewed', action: 'view' },
  { sourceName: 'Signed In', action: 'login' },
  { sourceName: 'Login', action: 'login' },
  { sourceName: 'Logged In', action: 'login' },
  { sourceName: 'purchase', action: 'purchase' },
  { sourceName: 'cart', action: 'cart' },
  { sourceName: 'view', action: 'view' },
  { sourceName: 'login', action: 'login' },
] as const;

/** One person per role, at the local identity provider under these subjects. */
export const DEMO_PEOPLE = [
  { idpSubject: 'demo-devops', name: 'Dana Okafor', email: 'dana.okafor@meridian.example', role: 'devops' },
  { idpSubject: 'demo-product', name: 'Priya Raman', email: 'priya.raman@meridian.example', role: 'product_manager' },
  { idpSubject: 'demo-analyst', name: 'Anton Weiss', email: 'anton.weiss@meridian.example', role: 'data_analyst' },
  { idpSubject: 'demo-support', name: 'Sofia Marin', email: 'sofia.marin@meridian.example', role: 'customer_support' },
  { idpSubject: 'demo-admin', name: 'Ada Lindqvist', email: 'ada.lindqvist@meridian.example', role: 'admin' },
] as const;
