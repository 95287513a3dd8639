using Castellan.CommandLine;
using Castellan.Core.Vaults;

namespace Castellan.Hosting;

/// <summary>Opens the vault that the settings name.</summary>
internal static class Vaults
{
    /// <exception cref="CommandException">It cannot be used.</exception>
    public static IVault Open(Settings settings)
    {
        switch (settings.Given("vault"))
        {
            case "file":
                var folder = settings.Given("vault-dir") ?? throw new CommandException("vault=file needs vault-dir: the folder with a file for each secret");
                return Directory.Exists(folder) ? new FileVault(folder, Forms(settings, "file")) : throw new CommandException($"vault-dir: the folder {folder} does not exist");
            case "keystore":
                var file = settings.Given("vault-file") ?? throw new CommandException("vault=keystore needs vault-file: the PKCS #12 file with the secrets");
                return SecretStore.Open("vault-file", file, settings.Given("vault-pass"), settings["vault-type"]).Named(Forms(settings, "keystore"));
            default:
                return new NoVault();
        }
    }

    private static List<VaultKeyForm> Forms(Settings settings, string vault) =>
    [
        .. settings[$"spi-vault--{vault}--key-resolvers"]!.Split(',', StringSplitOptions.TrimEntries).Select(name => name switch
        {
            "KEY_ONLY" => VaultKeyForm.KeyOnly,
            _ => VaultKeyForm.RealmUnderscoreKey,
        }),
    ];
}
