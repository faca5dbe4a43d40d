// Written by `npm run generate`; do not edit.
/** public/DISASTER_RECOVERY.md */
export const recoveryGuide: string = "# Disaster recovery\n\nThis guide lies beside every backup, so that the bucket alone is enough.\n";
