/** A part of a query. */
export interface Syntax {
  readonly kind: string;
  /** Of a name, a literal, an operator or a call: what stands there. */
  readonly text: string;
  readonly parts: readonly Syntax[];
}

const TOKEN = /\s+|\/\/[^\n]*|'[^']*'|\d+(?:ms|[smhd])?|mv-expand|!in|[A-Za-z_]\w*|[=!<>]=|[|=<>()[\].,;*/+-]/y;

function tokensOf(query: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < query.length) {
    const from = TOKEN.lastIndex;
    const [token] = TOKEN.exec(query) ?? [];
    if (token === undefined) throw new Error(`The drills cannot read: ${query.slice(from, from + 40)}`);
    if (!/^(\s|\/\/)/.test(token)) tokens.push(token);
  }
  return tokens;
}

/** From the loosest to the tightest. */
const BINARY: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['==', '!=', '>', '>=', '<', 'startswith', 'in', '!in'],
  ['+', '-'],
  ['*', '/'],
];
const JOINS = ['leftouter', 'leftanti'];

/**
 * Reads what our queries are written with, and refuses all else. Microsoft's compiler has judged them already,
 * but it takes three seconds to load.
 */
export class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(query: string) {
    this.#tokens = tokensOf(query);
  }

  /** Statements: `let` has a name and a query or a scalar; the last one is a query. */
  statements(): readonly Syntax[] {
    const statements: Syntax[] = [];
    while (this.#takes('let')) {
      const name = this.#next();
      this.#expect('=');
      const isScalar = this.#takes('toscalar');
      if (isScalar) this.#expect('(');
      const query = this.#query();
      if (isScalar) this.#expect(')');
      this.#expect(';');
      statements.push({ kind: isScalar ? 'let-scalar' : 'let', text: name, parts: [query] });
    }
    statements.push(this.#query());
    if (this.#peek() !== undefined) throw new Error(`The drills do not know ${this.#peek()}.`);
    return statements;
  }

  #query(): Syntax {
    const first = this.#next();
    const names = first === 'union' ? this.#list(() => leaf('table', this.#next())) : [leaf('table', first)];
    const operators: Syntax[] = [];
    while (this.#takes('|')) operators.push(this.#operator());
    return { kind: 'query', text: '', parts: [{ kind: 'union', text: '', parts: names }, ...operators] };
  }

  #operator(): Syntax {
    const name = this.#next();
    if (name === 'where') return { kind: name, text: '', parts: [this.#expression()] };
    if (name === 'count') return leaf(name, '');
    if (name === 'order') return this.#order();
    if (name === 'join') return this.#join();
    const parts = name === 'summarize' && this.#peek() === 'by' ? [] : this.#list(() => this.#column());
    if (name === 'mv-expand' && this.#takes('to'))
      for (const token of ['typeof', '(', 'string', ')']) this.#expect(token);
    if (name !== 'summarize' || !this.#takes('by')) return { kind: name, text: '', parts };
    const by: Syntax = { kind: 'by', text: '', parts: this.#list(() => this.#column()) };
    return { kind: name, text: '', parts: [...parts, by] };
  }

  #order(): Syntax {
    this.#expect('by');
    const by = (): Syntax => {
      const value = this.#expression();
      if (this.#takes('asc')) return { kind: 'by', text: 'asc', parts: [value] };
      this.#takes('desc');
      return { kind: 'by', text: 'desc', parts: [value] };
    };
    return { kind: 'order', text: '', parts: this.#list(by) };
  }

  #join(): Syntax {
    this.#expect('kind');
    this.#expect('=');
    const kind = this.#next();
    if (!JOINS.includes(kind)) throw new Error(`The drills do not join as ${kind}.`);
    const table = leaf('table', this.#next());
    this.#expect('on');
    return { kind: 'join', text: kind, parts: [table, ...this.#list(() => leaf('name', this.#next()))] };
  }

  /** `name = expression`, or an expression alone, whose name is its text. */
  #column(): Syntax {
    if (this.#tokens[this.#at + 1] === '=') {
      const name = this.#next();
      this.#next();
      return { kind: 'column', text: name, parts: [this.#expression()] };
    }
    const value = this.#expression();
    return { kind: 'column', text: value.text, parts: [value] };
  }

  #expression(level = 0): Syntax {
    const operators = BINARY[level];
    if (operators === undefined) return this.#postfix();
    let left = this.#expression(level + 1);
    for (let token = this.#peek(); token !== undefined && operators.includes(token); token = this.#peek()) {
      this.#next();
      const right = token.endsWith('in') ? this.#arguments() : [this.#expression(level + 1)];
      // Whole numbers divide otherwise.
      if (token === '/' && !/^\d+[a-z]/.test(right[0]?.text ?? ''))
        throw new Error('The drills divide by a duration alone.');
      left = { kind: 'operator', text: token, parts: [left, ...right] };
    }
    return left;
  }

  #postfix(): Syntax {
    let value = this.#primary();
    for (;;) {
      if (this.#peek() === '(') value = { kind: 'call', text: value.text, parts: this.#arguments() };
      else if (this.#takes('.')) value = { kind: 'member', text: '', parts: [value, leaf('text', this.#next())] };
      else if (this.#takes('[')) {
        value = { kind: 'member', text: '', parts: [value, this.#expression()] };
        this.#expect(']');
      } else return value;
    }
  }

  #primary(): Syntax {
    if (this.#takes('(')) {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    const token = this.#next();
    if (token.startsWith("'")) return leaf('text', token.slice(1, -1));
    if (/^\d/.test(token)) return leaf('number', token);
    return leaf(token === 'true' || token === 'false' ? 'boolean' : 'name', token);
  }

  #arguments(): readonly Syntax[] {
    this.#expect('(');
    const values = this.#peek() === ')' ? [] : this.#list(() => this.#expression());
    this.#expect(')');
    return values;
  }

  #list(read: () => Syntax): readonly Syntax[] {
    const items = [read()];
    while (this.#takes(',')) items.push(read());
    return items;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new Error('The query ends too early.');
    return token;
  }

  #takes(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token: string): void {
    if (!this.#takes(token)) throw new Error(`The drills expect ${token}, not ${this.#peek()}.`);
  }
}

const leaf = (kind: string, text: string): Syntax => ({ kind, text, parts: [] });
