namespace Castellan.Core.Clients;

/// <summary>The attributes in which the addresses of a service provider stand, and what they are called in sentences.</summary>
public static class ProviderAttributes
{
    /// <summary>Where it takes assertions.</summary>
    public static IReadOnlyList<(string Attribute, string Name)> Consumers { get; } =
    [
        ("saml_assertion_consumer_url_post", "Assertion Consumer Service POST Binding URL"),
        ("saml_assertion_consumer_url_redirect", "Assertion Consumer Service Redirect Binding URL"),
        ("saml_artifact_binding_url", "Artifact Binding URL"),
    ];

    /// <summary>Where it takes messages of logouts.</summary>
    public static IReadOnlyList<(string Attribute, string Name)> Logouts { get; } =
    [
        ("saml_single_logout_service_url_post", "Logout Service POST Binding URL"),
        ("saml_single_logout_service_url_artifact", "Logout Service ARTIFACT Binding URL"),
        ("saml_single_logout_service_url_redirect", "Logout Service Redirect Binding URL"),
        ("saml_single_logout_service_url_soap", "Logout Service SOAP Binding URL"),
    ];

    /// <summary>All to which messages go.</summary>
    public static IReadOnlyList<(string Attribute, string Name)> Endpoints { get; } = [.. Consumers, .. Logouts, ("saml_artifact_resolution_service_url", "Artifact Resolution Service")];

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<(string Attribute, string Name)> All { get; } = [.. Endpoints, ("saml.metadataDescriptorUrl", "Metadata descriptor URL")];
}
