// The account console: Keycloak's own pages inside its header and menu.
import "@patternfly/react-core/dist/styles/base.css";
import "@patternfly/patternfly/patternfly-addons.css";
import "../node_modules/@keycloak/keycloak-account-ui/lib/keycloak-account-ui.css";
import { type AccountEnvironment, Header, KeycloakProvider, PageNav, routes } from "@keycloak/keycloak-account-ui";
import { Page, Spinner } from "@patternfly/react-core";
import { Suspense } from "react";
import { createBrowserRouter, Outlet, RouterProvider } from "react-router-dom";
import { environment, start, type Environment } from "./start";

const env = environment<Environment & AccountEnvironment>();

const Account = () => (
  <KeycloakProvider environment={env}>
    <Page header={<Header />} sidebar={<PageNav />} isManagedSidebar>
      <Suspense fallback={<Spinner />}>
        <Outlet />
      </Suspense>
    </Page>
  </KeycloakProvider>
);

const base = decodeURIComponent(new URL(env.baseUrl!).pathname);
const router = createBrowserRouter([{ path: base, element: <Account />, children: pagesBelow(routes) }]);
void start("account", env, <RouterProvider router={router} />);

/** The package's routes hang below one root of its own; ours carries the header and menu instead. */
function pagesBelow(given: typeof routes) {
  return given.length === 1 && given[0].children ? given[0].children : given;
}
