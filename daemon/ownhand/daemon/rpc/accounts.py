"""AccountService over `asks.Accounts`."""

from pathlib import Path
from typing import Any

from ownhand.daemon.domain import AccountName
from ownhand.daemon.errors import Invalid
from ownhand.daemon.rpc import asks, convert
from ownhand.v1 import accounts_pb2 as pb
from ownhand.v1 import accounts_pb2_grpc


class AccountServicer(accounts_pb2_grpc.AccountServiceServicer):
    def __init__(self, accounts: asks.Accounts, setup: asks.AccountSetup) -> None:
        self._accounts = accounts
        self._setup = setup

    async def ListAccounts(self, request: pb.ListAccountsRequest, context: Any) -> pb.ListAccountsResponse:
        return pb.ListAccountsResponse(accounts=map(convert.account_to_proto, self._accounts.list()))

    async def CheckAccount(self, request: pb.CheckAccountRequest, context: Any) -> pb.CheckAccountResponse:
        convert.required(request, "account")
        return convert.checked_to_proto(await self._accounts.check(AccountName(request.account)))

    async def ImportMail(self, request: pb.ImportMailRequest, context: Any) -> pb.ImportMailResponse:
        convert.required(request, "path", "address")
        path = Path(request.path)
        if not path.is_absolute():
            raise Invalid("the path must be absolute", fields={"path": "must be absolute"})
        name = AccountName(request.account or request.address)
        return pb.ImportMailResponse(job_id=await self._accounts.import_mail(path, request.address, name))

    async def AddAccount(self, request: pb.AddAccountRequest, context: Any) -> pb.AddAccountResponse:
        convert.required(request, "name", "address", "host")
        account, found = await self._setup.add(convert.new_account_from_proto(request))
        return pb.AddAccountResponse(
            account=convert.account_to_proto(account),
            sent_folder=found.sent_folder,
            n_messages=found.n_messages,
        )

    async def RemoveAccount(self, request: pb.RemoveAccountRequest, context: Any) -> pb.RemoveAccountResponse:
        convert.required(request, "account")
        return pb.RemoveAccountResponse(problem=await self._setup.remove(AccountName(request.account)))
