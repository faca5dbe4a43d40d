import type { Damage } from "../../contract/point_answers.ts";
import type { VerifyFound } from "../../contract/verify_steps.ts";

export type { Damage };

/** Which run of a point made what is damaged, and so whose row in the history says so. */
export type BackupKind = Damage["half"];

/** Names a damaged thing: the same thing found damaged twice has the same name. */
export function damageName({ key, what }: Pick<Damage, "key" | "what">): string {
  return `${key}\n${what}`;
}

/** What is wrong with a recovery point, in the order in which it was found, each thing once. */
export class Findings {
  readonly #damage = new Map<string, Damage>();
  readonly #known: ReadonlySet<string>;
  readonly #rechecked = new Set<string>();
  readonly damagedCopies: VerifyFound["damagedCopies"] = [];
  readonly warnings: string[] = [];

  /** `known` is what an earlier check found: it has to be looked at again before the point can count as whole. */
  constructor(known: readonly Damage[]) {
    this.#known = new Set(known.map(damageName));
  }

  get damage(): Damage[] {
    return [...this.#damage.values()];
  }

  /** True when something that lies under a key was found damaged. */
  isDamaged(key: string): boolean {
    return this.damage.some((entry) => entry.key === key);
  }

  add(damage: Damage): void {
    const name = damageName(damage);
    if (!this.#damage.has(name)) this.#damage.set(name, damage);
    this.checked(damage);
  }

  /** Notes that a thing was looked at completely, whatever came of it. */
  checked(thing: Pick<Damage, "key" | "what">): void {
    const name = damageName(thing);
    if (this.#known.has(name)) this.#rechecked.add(name);
  }

  /** The same for all that lies under a key. */
  checkedAll(key: string): void {
    for (const name of this.#known) if (name.startsWith(`${key}\n`)) this.#rechecked.add(name);
  }

  /** True for what was damaged when it was last looked at. */
  isKnown(thing: Pick<Damage, "key" | "what">): boolean {
    return this.#known.has(damageName(thing));
  }

  /** All of it, for the invocation that concludes. Plain JSON. */
  save(): VerifyFound {
    const { damage, damagedCopies, warnings } = this;
    return { damage, rechecked: [...this.#rechecked], damagedCopies, warnings };
  }
}
