/** A secret that nothing but the vault may ever hold, with the characters that encoders change. */
export const CANARY = `cflt/CANARY+${'s3cr3t/+'.repeat(8)}`;

/** Every shape in which a careless part might show it. */
const SHAPES = [
  CANARY,
  CANARY.slice(0, 40),
  Buffer.from(CANARY).toString('base64').slice(0, 40),
  Buffer.from(CANARY).toString('hex').slice(0, 40),
  encodeURIComponent(CANARY).slice(0, 40),
  CANARY.replaceAll('/', '\\/').slice(0, 40),
];

export const found = (text: string): string[] => SHAPES.filter((shape) => text.includes(shape));
