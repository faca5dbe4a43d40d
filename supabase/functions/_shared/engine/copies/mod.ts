export {
  type CopiesDependencies,
  type CopiesLimits,
  type CopiesReport,
  recallCopies,
  reconcileCopies,
} from "./reconcile_copies.ts";
