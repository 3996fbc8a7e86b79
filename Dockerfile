FROM node:24.11.1-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY scripts ./scripts
COPY fixtures ./fixtures
COPY scenarios ./scenarios
# The first installs what building needs, and builds; the second leaves what running needs.
RUN npm ci && npm ci --omit=dev --omit=peer --omit=optional --ignore-scripts

FROM node:24.11.1-slim
ENV NODE_ENV=production
# Inside a container loopback would be reachable by nobody.
ENV WALLET_SANDBOX_HOST=0.0.0.0
# Tells the health check where the server listens, whatever its arguments are.
ENV WALLET_SANDBOX_URL_FILE=/tmp/wallet-sandbox.url
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY fixtures ./fixtures
COPY scenarios ./scenarios
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["node", "/app/dist/bin.js", "healthcheck"]
# As a list, so that signals reach the server itself.
ENTRYPOINT ["node", "/app/dist/bin.js"]
