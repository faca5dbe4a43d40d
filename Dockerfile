# The command line as a container, for what has outgrown the limits of edge functions:
#   docker build -t lifeboat .
#   docker run --rm --env-file .env lifeboat backup --jobs 4
# Everything of a run lies in the database and the bucket: the container keeps nothing and needs no volume.

FROM node:22-bookworm-slim AS packages
WORKDIR /lifeboat
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts
# The page's packages, two thirds of all; the command line imports none of them.
RUN cd node_modules && rm -rf lucide-react date-fns es-toolkit recharts victory-vendor immer @reduxjs @tanstack \
    react-dom react-router react-markdown radix-ui @radix-ui tailwind-merge csstype
# Deno itself, of the version that package.json names.
RUN npm install --prefix /deno --no-save --ignore-scripts "deno@$(node -p "require('./package.json').devDependencies.deno")" \
    && cp /deno/node_modules/@deno/linux-*-glibc/deno /usr/local/bin/deno
COPY deno.json ./
COPY cli cli
COPY supabase supabase
# Compiles and checks that nothing is missing, so that the container starts at once and without a network.
ENV DENO_DIR=/lifeboat/.deno
RUN deno cache --quiet cli/main.ts supabase/functions/_shared/adapters/node/gzip_worker.ts && deno run -A cli/main.ts --help

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=packages /usr/local/bin/deno /usr/local/bin/deno
COPY --from=packages /lifeboat /lifeboat
WORKDIR /lifeboat
# The AWS SDK does not work without a home, though it finds nothing there.
ENV DENO_DIR=/lifeboat/.deno DENO_NO_UPDATE_CHECK=1 HOME=/home/nonroot
# No writing, no programs: it reads its own files and talks to the database, Storage, S3 and Resend.
ENTRYPOINT ["/usr/local/bin/deno", "run", "--quiet", "--no-prompt", "--cached-only", "--allow-net", "--allow-env", "--allow-sys", "--allow-read", "cli/main.ts"]
CMD ["--help"]
