namespace Castellan.Protocol.Saml;

/// <summary>How messages travel (SAML bindings §3).</summary>
public enum SamlBinding
{
    Redirect, Post, Artifact, Soap,
}
