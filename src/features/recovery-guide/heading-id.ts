import { isValidElement, type ReactNode } from "react";

/** The plain text of a node. */
export function textOf(node: ReactNode): string {
  if (typeof node === "string" || typeof node === "number") return String(node);
  if (Array.isArray(node)) return node.map(textOf).join("");
  return isValidElement<{ children?: ReactNode }>(node) ? textOf(node.props.children) : "";
}

/** Makes the ids of headings as GitHub does, so that links inside the guide work here too. */
export function headingId(heading: ReactNode): string {
  return textOf(heading).toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");
}
