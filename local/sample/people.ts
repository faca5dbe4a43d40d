/** Two people who can log in; all others in the sample project are only rows. */
export const ADMIN = { email: "admin@collabhunts.example.com", password: "sample-admin-password" } as const;
export const CREATOR = { email: "creator@collabhunts.example.com", password: "sample-creator-password" } as const;
