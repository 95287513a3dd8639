// The admin console: Keycloak's own, mounted where our server serves it.
import "@patternfly/react-core/dist/styles/base.css";
import "@patternfly/patternfly/patternfly-addons.css";
import "@keycloak/keycloak-admin-ui/styles.css";
import { AdminUi, KeycloakProvider, routes } from "@keycloak/keycloak-admin-ui";
import { createHashRouter, RouterProvider } from "react-router-dom";
import { environment, start, type Environment } from "./start";

const env = environment<Environment & { adminBaseUrl: string; consoleBaseUrl: string; masterRealm: string; resourceVersion: string }>();
const app = (
  <KeycloakProvider environment={env}>
    <AdminUi />
  </KeycloakProvider>
);
const router = createHashRouter([{ path: "/", element: app, children: routes }]);
void start("admin", env, <RouterProvider router={router} />);
