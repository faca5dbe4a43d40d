/** Two people who can sign in; everybody else in the sample project only exists as rows. */
export const ADMIN = { email: "admin@collabhunts.example.com", password: "sample-admin-password" } as const;
export const CREATOR = { email: "creator@collabhunts.example.com", password: "sample-creator-password" } as const;
