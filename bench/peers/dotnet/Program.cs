// The .NET peers, one program: dotnet Peers.dll NAME URL|SECONDS …
switch (args)
{
    case ["plain", var url]: await Plain.RunAsync(url); break;
    case ["openiddict-storeless", var url, var algorithm]: await OpenIddictStoreless.RunAsync(url, algorithm); break;
    case ["openiddict-sqlite", var url, var file]: await OpenIddictSqlite.RunAsync(url, file); break;
    case ["jwtbearer", var url, var realm, var audience]: await JwtBearerApi.RunAsync(url, realm, audience); break;
    case ["argon2", var seconds]: Argon2.Run(int.Parse(seconds)); break;
    default: Console.Error.WriteLine("Unknown peer: " + string.Join(' ', args)); return 2;
}

return 0;
