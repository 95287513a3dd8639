using Castellan.Core.Authorization;
using Castellan.Core.Credentials;
using Castellan.Core.Federation;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Export;
using Castellan.Core.Realms.Import;
using Castellan.Core.Users;
using Castellan.Core.Vaults;
using Castellan.Server.Ldap;
using Castellan.Storage;

namespace Castellan.Hosting;

/// <summary>An installation without its server: what commands work on directly.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private Installation(Db db, PasswordBlacklists blacklists, TimeProvider time, ISealer? sealer, Server.Features features, IVault vault)
    {
        (Db, Blacklists, Time) = (db, blacklists, time);
        Configuration = new ConfigurationStore(db, time, sealer);
        Features = features;
        Cache = new(Configuration, features);
        var stored = new UserStore(db);
        Federations = new(stored, Cache, Cache, new LdapDirectory(vault, time), time);
        Passwords = new(Hashing, Users, time);
        PasswordChanges = new(Passwords, Users, blacklists, time);
        Import = new(Cache, Cache, Configuration, Passwords, PasswordChanges, time);
        Export = new(Configuration, stored, new OrganizationStore(db), new AuthorizationStore(db));
        Administrators = new(Cache, Cache, Users, Passwords, time);
    }

    public Db Db { get; }

    public TimeProvider Time { get; }

    public IConfigurationStore Configuration { get; }

    /// <summary>The directories that people are from.</summary>
    public Federations Federations { get; }

    public IUserStore Users => Federations.Users;

    public RealmCache Cache { get; }

    /// <summary>What the operator has switched off.</summary>
    public Server.Features Features { get; }

    public IRealms Realms => Cache;

    public HashingQueue Hashing { get; } = new();

    public Passwords Passwords { get; }

    public PasswordBlacklists Blacklists { get; }

    public PasswordChanges PasswordChanges { get; }

    public RealmImport Import { get; }

    public RealmExport Export { get; }

    public FirstAdministrator Administrators { get; }

    /// <param name="vault">Where passwords for directories may lie; only a server needs one.</param>
    public static async Task<Installation> OpenAsync(CommandLine.Settings settings, IVault? vault = null)
    {
        var time = TimeProvider.System;
        var blacklists = new PasswordBlacklists(Path.Combine(settings["data-dir"]!, "password-blacklists"));
        var installation = new Installation(await Databases.OpenAsync(settings, time), blacklists, time, Sealer(settings), new(CommandLine.Features.Off(settings)), vault ?? new NoVault());
        var move = new SettingsMove(installation.Configuration, installation.Realms, installation.Cache, installation.Users, new AuthorizationStore(installation.Db));
        foreach (var refused in await move.RunAsync())
        {
            Console.WriteLine($"WARNING: Authorization settings of an earlier version cannot be read: {refused}");
        }

        return installation;
    }

    /// <summary>
    /// The master key that private keys are sealed with. The embedded database has one beside it by itself; nodes that share a database must be given
    /// the same one, and without it they keep keys in clear, as Keycloak does.
    /// </summary>
    private static MasterKeySealer? Sealer(CommandLine.Settings settings)
    {
        try
        {
            return Load(settings);
        }
        catch (Exception error) when (error is ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new CommandLine.CommandException($"The master key cannot be used: {error.Message}");
        }
    }

    private static MasterKeySealer? Load(CommandLine.Settings settings) =>
        settings.Given("master-key") is { } text ? MasterKeySealer.Load(text, "")
        : settings.Given("master-key-file") is { } file ? MasterKeySealer.Load(null, file)
        : settings["db"] is "postgres" or "dev-mem" ? null
        : MasterKeySealer.Load(null, Path.Combine(settings["data-dir"]!, "master.key"));

    public async ValueTask DisposeAsync()
    {
        Hashing.Dispose();
        await Db.DisposeAsync();
    }
}
