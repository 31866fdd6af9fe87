import { RandomStream } from './random.ts';

export interface CatalogueItem {
  readonly id: string;
  readonly name: string;
  readonly category: number;
  /** List price, EUR. */
  readonly eur: number;
}

interface Product {
  readonly code: string;
  readonly name: string;
  readonly eur: number;
}

interface Category {
  readonly name: string;
  readonly variants: readonly (readonly [code: string, name: string])[];
  readonly products: readonly Product[];
}

const products = (text: string): readonly Product[] =>
  text.split('|').map((entry) => {
    const [code = '', name = '', eur = '0'] = entry.trim().split(';');
    return { code, name, eur: Number(eur) };
  });
const variants = (text: string): readonly (readonly [string, string])[] =>
  text.split('|').map((entry) => {
    const [code = '', name = ''] = entry.trim().split(';');
    return [code, name] as const;
  });

const COLOURS = variants('SL;slate|FR;forest|RU;rust|BK;black');
const SIZES = variants('S;small|M;medium|L;large|XL;extra large');
const FINISHES = variants('BK;black|ST;steel|CR;cream');

const CATEGORIES: readonly Category[] = [
  {
    name: 'Outdoor',
    variants: COLOURS,
    products: products(
      'JKT;Trail jacket;189|RNC;Rain coat;149|BPK;Daypack 24 l;99.9|TNT;Two-person tent;279|SLB;Sleeping bag;159|HKB;Hiking boots;169|PLE;Trekking poles;74.9|LMP;Head lamp;44.9',
    ),
  },
  {
    name: 'Clothing',
    variants: SIZES,
    products: products(
      'MRN;Merino base layer;64.5|TSH;Cotton T-shirt;24.9|JNS;Straight jeans;89.9|SWT;Lambswool sweater;94.5|SHR;Oxford shirt;59.9|DRS;Linen dress;79.9|HDY;Hooded sweatshirt;54.9|SCK;Wool socks, 3 pairs;19.9',
    ),
  },
  {
    name: 'Kitchen',
    variants: FINISHES,
    products: products(
      'KTL;Brew kettle 0.9 l;74.9|ESP;Espresso grinder;219|PAN;Cast-iron pan 28 cm;84.9|KNF;Chef knife 20 cm;69.9|MXR;Stand mixer;349|TOA;Two-slot toaster;59.9|SCL;Kitchen scale;34.9|FPR;French press;29.9',
    ),
  },
  {
    name: 'Home',
    variants: variants('OAK;oak|WAL;walnut|WH;white'),
    products: products(
      'TBL;Side table;164|LIN;Linen sheet set, queen;139|CHR;Dining chair;119|RUG;Wool rug 160 × 230;289|SHF;Wall shelf;49.9|LGT;Floor lamp;129|MIR;Round mirror;79.9|CUS;Cushion cover;22.5',
    ),
  },
  {
    name: 'Sound and vision',
    variants: variants('BK;black|WH;white'),
    products: products(
      'BUD;Noise-cancelling buds;129|HPH;Over-ear headphones;249|SPK;Bookshelf speakers;319|TVS;Television 55";649|SBR;Sound bar;229|TRN;Turntable;279|RAD;Kitchen radio;89.9|CAM;Mirrorless camera;899',
    ),
  },
  {
    name: 'Desk',
    variants: variants('BK;black|GR;grey|SN;sand'),
    products: products(
      'KBD;Mechanical keyboard;119|MSE;Quiet mouse;49.9|MON;Monitor 27";329|STN;Laptop stand;44.9|DSK;Sitting-standing desk;499|PAD;Desk mat;29.9|HUB;USB-C hub;59.9|WBC;Web camera;79.9',
    ),
  },
  {
    name: 'Travel',
    variants: variants('NV;navy|OL;olive|BK;black'),
    products: products(
      'PIL;Travel pillow;24.9|CAB;Cabin case;139|CHK;Check-in case;189|ADP;World adapter;27.5|CUB;Packing cubes, set;32.5|BTL;Insulated bottle;29.9|WLT;Passport wallet;39.9|UMB;Storm umbrella;34.9',
    ),
  },
  {
    name: 'Body',
    variants: variants('50;50 ml|200;200 ml'),
    products: products(
      'SRM;Vitamin C serum;32.5|SUN;Sun cream SPF 50;18.9|SHP;Shampoo;12.9|HND;Hand balm;9.9|PRF;Eau de parfum;89|BRD;Beard oil;16.9|MSK;Clay mask;21.5|LIP;Lip balm;6.9',
    ),
  },
  {
    name: 'Children',
    variants: variants('A;0–3 years|B;4–7 years|C;8–12 years'),
    products: products(
      'BLK;Wooden blocks;34.9|PUZ;Jigsaw puzzle;17.9|BKE;Balance bike;109|PLU;Plush fox;19.9|BOK;Picture book;14.9|PNT;Paint set;22.9|TRA;Train set;64.9|RNB;Rain boots;29.9',
    ),
  },
  {
    name: 'Sport',
    variants: COLOURS,
    products: products(
      'MAT;Yoga mat;39.9|RUN;Running shoes;129|DBL;Dumbbell pair 2 × 8 kg;79.9|BTS;Cycling bib shorts;84.9|HLM;Bicycle helmet;74.9|RKT;Tennis racket;149|WCH;Sports watch;229|BND;Resistance bands;16.9',
    ),
  },
  {
    name: 'Garden',
    variants: variants('S;small|L;large'),
    products: products(
      'POT;Terracotta pot;18.9|PRN;Pruning shears;34.9|HSE;Garden hose 25 m;49.9|GRL;Charcoal grill;189|SED;Wildflower seeds;6.9|BNC;Teak bench;349|LNT;Solar lantern;24.9|GLV;Gardening gloves;14.9',
    ),
  },
  {
    name: 'Pantry',
    variants: variants('250;250 g|1K;1 kg'),
    products: products(
      'COF;Espresso beans;13.9|TEA;Green tea;9.9|OLV;Olive oil;16.9|CHO;Dark chocolate;5.9|HNY;Forest honey;11.5|PST;Bronze-cut pasta;4.5|NUT;Mixed nuts;12.9|SPC;Spice collection;27.9',
    ),
  },
];

/** Everything the shops sell, dearest categories and cheap ones alike; stable across seeds. */
export const CATALOGUE: readonly CatalogueItem[] = CATEGORIES.flatMap((category, c) =>
  category.products.flatMap((product, p) =>
    category.variants.map(([code, name], v) => ({
      id: `${product.code}-${String(1000 + ((c * 977 + p * 331 + 471) % 9000)).slice(-4)}-${code}`,
      name: `${product.name}, ${name}`,
      category: c,
      eur: category.name === 'Body' || category.name === 'Pantry' ? product.eur * (1 + 1.4 * v) : product.eur,
    })),
  ),
);

export const CATEGORY_NAMES: readonly string[] = CATEGORIES.map((c) => c.name);

/** Items of each category; the first ones sell best. */
const BY_CATEGORY: readonly (readonly CatalogueItem[])[] = CATEGORIES.map((_, c) => {
  const items = CATALOGUE.filter((item) => item.category === c);
  const stream = new RandomStream(7, 'popularity', c);
  return items
    .map((item) => [stream.next(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
});

interface Tariff {
  /** Units per EUR at which the shops set their prices; not a rate of exchange of any day. */
  readonly perEur: number;
  /** Prices are multiples of `step` less `charm`. */
  readonly step: number;
  readonly charm: number;
}

const TARIFFS: Readonly<Record<string, Tariff>> = {
  EUR: { perEur: 1, step: 0.5, charm: 0 },
  USD: { perEur: 1.1, step: 1, charm: 0.01 },
  GBP: { perEur: 0.88, step: 0.5, charm: 0.01 },
  JPY: { perEur: 165, step: 10, charm: 0 },
  INR: { perEur: 80, step: 50, charm: 1 },
  BRL: { perEur: 5.6, step: 1, charm: 0.1 },
  SGD: { perEur: 1.5, step: 1, charm: 0.1 },
  AUD: { perEur: 1.7, step: 1, charm: 0.05 },
  AED: { perEur: 4.1, step: 1, charm: 0 },
  ZAR: { perEur: 19, step: 10, charm: 1 },
  SEK: { perEur: 11.5, step: 5, charm: 1 },
  CAD: { perEur: 1.5, step: 1, charm: 0.01 },
};

/** Price in hundredths of the currency: a price point, not a conversion. */
export function priceCents(item: CatalogueItem, currency: string): number {
  if (currency === 'EUR') return Math.round(item.eur * 100);
  const tariff = TARIFFS[currency];
  if (tariff === undefined) return Math.round(item.eur * 100);
  const steps = Math.max(1, Math.round((item.eur * tariff.perEur) / tariff.step));
  return Math.round((steps * tariff.step - tariff.charm) * 100);
}

/** An item of the category, best sellers more often. */
export function pickItem(category: number, stream: RandomStream): CatalogueItem {
  const items = BY_CATEGORY[category] ?? CATALOGUE;
  const item = items[Math.floor(items.length * stream.next() ** 1.8)] ?? CATALOGUE[0];
  if (item === undefined) throw new RangeError('The catalogue is empty.');
  return item;
}
