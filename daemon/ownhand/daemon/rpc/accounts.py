"""AccountService over `asks.Accounts`."""

from pathlib import Path
from typing import Any

from ownhand.daemon.domain import AccountName
from ownhand.daemon.errors import Invalid
from ownhand.daemon.rpc import asks
from ownhand.daemon.rpc.convert import required
from ownhand.daemon.rpc.convert.accounts import account_to_proto, checked_to_proto, new_account_from_proto
from ownhand.v1 import accounts_pb2 as pb
from ownhand.v1 import accounts_pb2_grpc


class AccountServicer(accounts_pb2_grpc.AccountServiceServicer):
    def __init__(self, accounts: asks.Accounts, setup: asks.AccountSetup) -> None:
        self._accounts = accounts
        self._setup = setup

    async def ListAccounts(self, request: pb.ListAccountsRequest, context: Any) -> pb.ListAccountsResponse:
        return pb.ListAccountsResponse(accounts=map(account_to_proto, self._accounts.list()))

    async def CheckAccount(self, request: pb.CheckAccountRequest, context: Any) -> pb.CheckAccountResponse:
        required(request, "account")
        return checked_to_proto(await self._accounts.check(AccountName(request.account)))

    async def ImportMail(self, request: pb.ImportMailRequest, context: Any) -> pb.ImportMailResponse:
        required(request, "path", "address")
        path = Path(request.path)
        if not path.is_absolute():
            raise Invalid("the path must be absolute", fields={"path": "must be absolute"})
        name = AccountName(request.account or request.address)
        return pb.ImportMailResponse(job_id=await self._accounts.import_mail(path, request.address, name))

    async def AddAccount(self, request: pb.AddAccountRequest, context: Any) -> pb.AddAccountResponse:
        required(request, "name", "address", "host")
        account, found = await self._setup.add(new_account_from_proto(request))
        return pb.AddAccountResponse(
            account=account_to_proto(account),
            sent_folder=found.sent_folder,
            n_messages=found.n_messages,
        )

    async def UpdateAccount(self, request: pb.UpdateAccountRequest, context: Any) -> pb.UpdateAccountResponse:
        required(request, "account")
        paused = request.paused if request.HasField("paused") else None
        account = await self._accounts.update(AccountName(request.account), paused=paused)
        return pb.UpdateAccountResponse(account=account_to_proto(account))

    async def RemoveAccount(self, request: pb.RemoveAccountRequest, context: Any) -> pb.RemoveAccountResponse:
        required(request, "account")
        return pb.RemoveAccountResponse(problem=await self._setup.remove(AccountName(request.account)))
