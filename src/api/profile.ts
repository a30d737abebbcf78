import { callerOn } from './authenticate.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { encodeProfile, ProfilePatch, ProfileView } from './wire/profile.ts'

export function routeProfile(api: Api, { store, links }: Context): void {
  api.get(
    '/user',
    operation('getProfile', 'Who asks', 'profile.read', {}, { 200: ProfileView }),
    async (request) => encodeProfile(callerOn(request).person, links(request)),
  )

  api.patch(
    '/user',
    operation(
      'editProfile',
      "Change one's name",
      'profile.write',
      { body: ProfilePatch },
      { 200: ProfileView },
    ),
    async (request) => {
      const { person } = callerOn(request)
      const { name = person.name } = bodyOf(request, ProfilePatch)
      return encodeProfile(await store.people.rename(person.id, name), links(request))
    },
  )
}
