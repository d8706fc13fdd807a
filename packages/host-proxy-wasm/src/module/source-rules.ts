/** What source rules say of one name. */

/** The cluster that a rule gives to the name, "" = none. */
export function ruled(rules: Readonly<Record<string, string>>, name: string | undefined): string {
  return name !== undefined && Object.hasOwn(rules, name) ? (rules[name] ?? "") : "";
}
